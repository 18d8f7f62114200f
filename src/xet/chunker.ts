/**
 * Cuts a stream into chunks where its content says so, at the places where every Xet client cuts: a gear
 * hash over the last 64 bytes, masked, is zero. No border before 8 KiB, one at 128 KiB at the latest.
 * Source: huggingface.co/docs/xet/chunking. The guard at the minimum is what the JavaScript client lacks,
 * whose borders differ for it (xet-core #487).
 */
import { Hasher } from 'gearhash-jit';

export const CHUNK_BYTES_MIN = 8 * 1024;
export const CHUNK_BYTES_MAX = 128 * 1024;

/** Sixteen bits: one border in 64 KiB on average. */
const MASK = 0xffff_0000_0000_0000n;
/** The gear hash knows the last 64 bytes and nothing before; what lies further from the minimum is skipped. */
const SKIPPED_BYTES = CHUNK_BYTES_MIN - 64 - 1;

export interface Chunker {
  /** The chunks that end within `piece`. They are views of it where they lie in it whole. */
  push(piece: Uint8Array): Generator<Uint8Array>;
  /** What is left, as the last chunk; null when nothing is. */
  end(): Uint8Array | null;
}

export function createChunker(): Chunker {
  const finder = new BorderFinder();
  let held: Uint8Array[] = [];
  const take = (last: Uint8Array): Uint8Array => {
    if (held.length === 0) return last;
    const whole = Buffer.concat([...held, last]);
    held = [];
    return whole;
  };
  return {
    *push(piece) {
      let start = 0;
      while (start < piece.length) {
        const length = finder.next(piece.subarray(start));
        if (length === null) break;
        yield take(piece.subarray(start, start + length));
        start += length;
      }
      // Copied: the caller may write over the piece once it is through.
      if (start < piece.length) held.push(Uint8Array.prototype.slice.call(piece, start));
    },
    end: () => (held.length === 0 ? null : take(new Uint8Array())),
  };
}

/** Where the chunk under way ends, over pieces of any size. */
class BorderFinder {
  readonly #gear = new Hasher(MASK);
  #seenBytes = 0;

  /** How many of these bytes belong to the chunk that ends in them; null when it does not end here. */
  next(bytes: Uint8Array): number | null {
    const most = Math.min(bytes.length, CHUNK_BYTES_MAX - this.#seenBytes);
    let at = Math.min(most, Math.max(0, SKIPPED_BYTES - this.#seenBytes));
    while (at < most) {
      const found = this.#gear.nextMatch(bytes.subarray(at, most));
      if (found === -1) {
        at = most;
        break;
      }
      at += found;
      if (this.#seenBytes + at >= CHUNK_BYTES_MIN) return this.#end(at);
    }
    this.#seenBytes += at;
    return this.#seenBytes >= CHUNK_BYTES_MAX ? this.#end(at) : null;
  }

  #end(length: number): number {
    this.#seenBytes = 0;
    this.#gear.resetHash();
    return length;
  }
}
