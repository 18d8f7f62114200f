/** What threads are asked and what they answer. A session's jobs go to one thread, in order. */
import type { Sized, XetHash } from './hash.ts';

export type Job = Readonly<
  | { kind: 'inspect'; bytes: ArrayBuffer }
  /** Frames whose content is added to the session's SHA-256. */
  | { kind: 'sum'; session: number; bytes: ArrayBuffer }
  | { kind: 'sum-end'; session: number }
  /** Bytes of a file to be cut into chunks, which the session holds until they are packed. */
  | { kind: 'cut'; session: number; bytes: ArrayBuffer; isLast: boolean }
  /** Which of the chunks of the last cut go into a xorb, by their place; gives the xorb when it is full. */
  | { kind: 'pack'; session: number; wanted: readonly number[]; isLast: boolean }
  | { kind: 'forget'; session: number }
>;

/** A xorb that is ready to be stored. */
export type PackedXorb = Readonly<{
  hash: XetHash;
  index: Uint8Array;
  contentBytes: number;
}>;

export type Answer = Readonly<
  | { kind: 'done' }
  | {
      kind: 'inspected';
      hash: XetHash;
      /** As the database keeps it. */
      index: Uint8Array;
      framesBytes: number;
      contentBytes: number;
      /** What came with the job, given back. */
      bytes: ArrayBuffer;
    }
  | { kind: 'summed'; sha256: string }
  | { kind: 'chunks'; chunks: readonly Sized[] }
  | { kind: 'packed'; xorb: PackedXorb | null; bytes: ArrayBuffer | null }
>;
