/** One side of a request up to a size, with how much there was. */
export type ContentPart = Readonly<{
  text: string;
  bytes: number;
  isCut: boolean;
  isText: boolean;
}>;

export class PartRecorder {
  readonly #bytesMax: number;
  #pieces: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(piece: Buffer): void {
    this.#bytes += piece.length;
    const room = this.#bytesMax - this.#kept;
    if (room <= 0) return;
    // Copied: what a socket hands out is a view on a buffer that may be used again.
    const kept = Buffer.from(piece.subarray(0, room));
    this.#kept += kept.length;
    this.#pieces.push(kept);
  }

  part(): ContentPart {
    const kept = Buffer.concat(this.#pieces);
    const text = textOf(kept, this.#bytes > kept.length);
    const isCut = this.#bytes > kept.length;
    return { text: text ?? '', bytes: this.#bytes, isCut, isText: text !== null };
  }
}

/** Null where it is no text: sound, a form with a file. A character that the cut went through is left out. */
function textOf(bytes: Buffer, isCut: boolean): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: isCut,
    });
    // A database keeps no such character, and no text has one.
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
