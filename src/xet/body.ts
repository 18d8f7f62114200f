/**
 * Bodies of up to 64 MiB, a few at a time: whoever comes later waits with its bytes unread, which its
 * client notices as a slow line. So many clients cannot fill the memory.
 */
import { failXet } from './errors.ts';

export interface BodyReader {
  /** Holds a place while `work` has the bytes. Raises `xet.busy` and what `tooLarge` makes. */
  read<T>(body: Body, work: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T>;
}

export type Body = Readonly<{
  stream: ReadableStream<Uint8Array> | null;
  /** What the client says of it, if it does. */
  lengthBytes: number | null;
  maxBytes: number;
  tooLarge: () => Error;
}>;

/** Times 68 MiB is what uploads may have in memory at once. */
const PLACES = 3;
/** Clients open 64 connections at most; beyond some of them waiting is hopeless. */
const WAITING_MAX = 512;

export function createBodyReader(): BodyReader {
  let free = PLACES;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (waiting.length >= WAITING_MAX) throw failXet('xet.busy', 'Too many uploads at once.');
    // The place is handed over, so nobody slips in between.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    read: async (body, work) => {
      if ((body.lengthBytes ?? 0) > body.maxBytes) throw body.tooLarge();
      await enter();
      try {
        return await work(await collect(body));
      } finally {
        leave();
      }
    },
  };
}

async function collect(body: Body): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(body.lengthBytes ?? 0);
  let filled = 0;
  for await (const piece of body.stream ?? []) {
    if (filled + piece.length > body.maxBytes) throw body.tooLarge();
    if (filled + piece.length > bytes.length) bytes = grown(bytes, filled + piece.length);
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return filled === bytes.length ? bytes : bytes.slice(0, filled);
}

function grown(bytes: Uint8Array<ArrayBuffer>, neededBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(neededBytes, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
