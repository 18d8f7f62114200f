/**
 * `multipart/form-data` as it arrives (RFC 7578 over RFC 2046 section 5.1), without ever holding a file:
 * pieces in, events out, whatever the cuts. Pure. A boundary may be cut anywhere, so as many bytes as
 * one has are held back until it is known that they are none.
 */
import { fail } from './errors.ts';

export type PartHead = Readonly<{ name: string; filename: string | null }>;

export type MultipartEvent =
  | Readonly<{ kind: 'part'; head: PartHead }>
  | Readonly<{ kind: 'data'; bytes: Buffer }>
  | Readonly<{ kind: 'end' }>;

/** A head is a line or three; more is no form. */
const HEAD_BYTES_MAX = 8 * 1024;
/** RFC 2046: at most 70 characters. */
const BOUNDARY = /^[\w'()+,./:=? -]{1,70}$/;

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Raises `upload_invalid`. */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(
    contentType ?? '',
  );
  const boundary = match?.[1] ?? match?.[2] ?? '';
  if (BOUNDARY.test(boundary)) return boundary;
  throw fail('upload_invalid', 'Send the file as multipart/form-data with a boundary.');
}

type State = 'preamble' | 'after-boundary' | 'head' | 'data' | 'epilogue';

export class MultipartReader {
  readonly #delimiter: Buffer;
  #state: State = 'preamble';
  /** What is not decided yet. It begins with a line end, so that the first boundary is like the others. */
  #held: Buffer = LINE_END;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** True once the last boundary was seen. */
  get isComplete(): boolean {
    return this.#state === 'epilogue';
  }

  /** Raises `upload_invalid`. */
  *push(piece: Uint8Array): Generator<MultipartEvent> {
    this.#held = Buffer.concat([this.#held, piece]);
    for (;;) {
      const before = this.#state;
      const length = this.#held.length;
      yield* this.#step();
      if (this.#state === before && this.#held.length === length) return;
    }
  }

  *#step(): Generator<MultipartEvent> {
    if (this.#state === 'head') yield* this.#head();
    else if (this.#state === 'after-boundary') this.#afterBoundary();
    else if (this.#state === 'epilogue') this.#held = Buffer.alloc(0);
    else yield* this.#untilBoundary();
  }

  *#untilBoundary(): Generator<MultipartEvent> {
    const at = this.#held.indexOf(this.#delimiter);
    const isData = this.#state === 'data';
    const certain = at === -1 ? this.#held.length - this.#delimiter.length + 1 : at;
    if (certain > 0) {
      if (isData) yield { kind: 'data', bytes: this.#held.subarray(0, certain) };
      this.#held = this.#held.subarray(certain);
    }
    if (at === -1) return;
    this.#held = this.#held.subarray(this.#delimiter.length);
    this.#state = 'after-boundary';
    if (isData) yield { kind: 'end' };
  }

  #afterBoundary(): void {
    if (this.#held.length < 2) return;
    const next = this.#held.toString('latin1', 0, 2);
    if (next === '--') this.#state = 'epilogue';
    else if (next === '\r\n') this.#state = 'head';
    // RFC 2046 lets transports pad the line with blanks.
    else if (next.startsWith(' ') || next.startsWith('\t')) this.#held = this.#held.subarray(1);
    else throw invalid('a boundary is followed by something else');
  }

  *#head(): Generator<MultipartEvent> {
    const at = this.#held.indexOf(HEAD_END);
    if (at > HEAD_BYTES_MAX || (at === -1 && this.#held.length > HEAD_BYTES_MAX)) {
      throw invalid('the head of a part is too long');
    }
    if (at === -1) return;
    yield { kind: 'part', head: parseHead(this.#held.toString('utf8', 2, at)) };
    this.#held = this.#held.subarray(at + HEAD_END.length);
    this.#state = 'data';
  }
}

function parseHead(text: string): PartHead {
  const line = text.split('\r\n').find((each) => /^content-disposition:/i.test(each));
  const name = parameter(line ?? '', 'name');
  if (name === null) throw invalid('a part has no name');
  return { name, filename: parameter(line ?? '', 'filename') };
}

/** Browsers escape a quote as %22; others with a backslash. */
function parameter(line: string, name: string): string | null {
  const match = new RegExp(`[;\\s]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(line);
  const raw = match?.[1] ?? match?.[2] ?? null;
  return raw === null ? null : raw.replaceAll(/\\(["\\])/g, '$1').replaceAll('%22', '"');
}

function invalid(what: string): Error {
  return fail('upload_invalid', `The form cannot be read: ${what}.`);
}
