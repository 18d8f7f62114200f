/**
 * A file on its way into xorbs: cut into chunks, of which the owner says which are new; those are packed
 * until a xorb is full. Which scheme packs best is tried on one chunk in sixteen and kept for the next
 * ones, since neighbours in a file of weights are alike.
 */
import { CHUNK_BYTES_MIN, createChunker } from './chunker.ts';
import type { Hashes, Sized } from './hash.ts';
import type { PackedXorb } from './worker-jobs.ts';
import {
  OWN_CHUNKS_MAX,
  type PlacedChunk,
  SCHEME,
  type Scheme,
  XORB_BYTES_MAX,
  encodeChunks,
  packFrame,
} from './xorb.ts';

/** What is cut at once. */
export const CUT_BYTES_MAX = 4 * 1024 * 1024;
/** One more cut than these, with its headers, stays within a xorb's limits. */
const CONTENT_BYTES_FULL = XORB_BYTES_MAX - CUT_BYTES_MAX - 256 * 1024;
const CHUNKS_FULL = OWN_CHUNKS_MAX - CUT_BYTES_MAX / CHUNK_BYTES_MIN;
const TRIAL_EVERY = 16;

export interface Packer {
  cut(bytes: Uint8Array, isLast: boolean): readonly Sized[];
  /** Takes those chunks of the last cut; a xorb when it is full, or when it is the last one. */
  pack(
    wanted: readonly number[],
    isLast: boolean,
  ): Readonly<{ xorb: PackedXorb; bytes: ArrayBuffer }> | null;
}

export function createPacker(hashes: Hashes): Packer {
  const chunker = createChunker();
  const schemes = new SchemeChoice();
  let held: readonly (Sized & Readonly<{ bytes: Uint8Array }>)[] = [];
  let frames: Uint8Array[] = [];
  let placed: PlacedChunk[] = [];
  let contentBytes = 0;

  const close = () => {
    const bytes = join(frames);
    const xorb = { hash: hashes.xorb(placed), index: encodeChunks(placed), contentBytes };
    frames = [];
    placed = [];
    contentBytes = 0;
    return { xorb, bytes };
  };
  return {
    cut: (bytes, isLast) => {
      const chunks = [...chunker.push(bytes)];
      const last = isLast ? chunker.end() : null;
      if (last !== null) chunks.push(last);
      held = chunks.map((chunk) => ({
        bytes: chunk,
        hash: hashes.chunk(chunk),
        sizeBytes: chunk.length,
      }));
      return held.map(({ hash, sizeBytes }) => ({ hash, sizeBytes }));
    },
    pack: (wanted, isLast) => {
      for (const index of wanted) {
        const chunk = held[index];
        if (chunk === undefined) continue;
        const frame = schemes.pack(chunk.bytes);
        frames.push(frame);
        const end = (placed.at(-1)?.end ?? 0) + frame.length;
        placed.push({ hash: chunk.hash, sizeBytes: chunk.sizeBytes, end });
        contentBytes += chunk.sizeBytes;
      }
      held = [];
      const isFull = contentBytes >= CONTENT_BYTES_FULL || placed.length >= CHUNKS_FULL;
      return placed.length > 0 && (isFull || isLast) ? close() : null;
    },
  };
}

class SchemeChoice {
  #count = 0;
  #best: Scheme = SCHEME.plain;

  pack(bytes: Uint8Array): Uint8Array {
    const isTrial = this.#count % TRIAL_EVERY === 0;
    this.#count += 1;
    if (!isTrial) return packFrame(bytes, this.#best);
    const tried = [SCHEME.plain, SCHEME.lz4, SCHEME.groupedLz4].map((scheme) => ({
      scheme,
      frame: packFrame(bytes, scheme),
    }));
    const best = tried.reduce((a, b) => (b.frame.length < a.frame.length ? b : a));
    this.#best = best.scheme;
    return best.frame;
  }
}

function join(frames: readonly Uint8Array[]): ArrayBuffer {
  const joined = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    joined.set(frame, at);
    at += frame.length;
  }
  return joined.buffer;
}
