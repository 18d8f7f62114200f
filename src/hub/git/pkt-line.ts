/**
 * Lines with their length before them, in which git speaks. https://git-scm.com/docs/gitprotocol-common
 * Parsed strictly: a length is four hex digits, and no line is longer than git's own.
 */
import { failGit } from './errors.ts';

/** What git itself puts into one, with its length. */
const LINE_BYTES_MAX = 65_520;
export const FLUSH = Buffer.from('0000');

export function line(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const head = Buffer.from((bytes.length + 4).toString(16).padStart(4, '0'));
  return Buffer.concat([head, bytes]);
}

/** Bands of `side-band-64k`: what the other side reads, and what a person does. */
export type Band = 'data' | 'people';

export function banded(band: Band, content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const number = Buffer.from([band === 'data' ? 1 : 2]);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += LINE_BYTES_MAX - 5) {
    parts.push(line(Buffer.concat([number, bytes.subarray(from, from + LINE_BYTES_MAX - 5)])));
  }
  return Buffer.concat(parts);
}

/** Reads lines from a stream, and then what follows them as it is. */
export class LineReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Null for a flush; undefined at the end. Raises `git.request_invalid`. */
  async next(): Promise<Uint8Array | null | undefined> {
    const head = await this.#take(4);
    if (head === null) {
      if (this.#rest.length > 0) throw broken();
      return undefined;
    }
    const digits = head.toString('latin1');
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw broken();
    const length = Number.parseInt(digits, 16);
    if (length === 0) return null;
    if (length < 4 || length > LINE_BYTES_MAX) throw broken();
    const content = await this.#take(length - 4);
    if (content === null) throw broken();
    return content;
  }

  /** All that is left. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#rest.length > 0) yield this.#rest;
    this.#rest = Buffer.alloc(0);
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return;
      yield value;
    }
  }

  /** Null where the stream ends before. */
  async #take(length: number): Promise<Buffer | null> {
    while (this.#rest.length < length) {
      const { done, value } = await this.#source.next();
      if (done === true) return null;
      this.#rest = Buffer.concat([this.#rest, value]);
    }
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

function broken(): Error {
  return failGit('git.request_invalid', 'This is not what git sends.');
}
