/** Listens to an answer while it goes to the caller; forgets it all as soon as it is too long to keep. */
export class AnswerRecorder {
  readonly #bytesMax: number;
  #pieces: Buffer[] | null = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(piece: Buffer): void {
    if (this.#pieces === null) return;
    this.#bytes += piece.length;
    // Copied: what a socket hands out is a view on a buffer that may be used again.
    if (this.#bytes <= this.#bytesMax) this.#pieces.push(Buffer.from(piece));
    else this.#pieces = null;
  }

  /** Null where it was too long or never came. */
  get bytes(): Buffer | null {
    if (this.#pieces === null || this.#pieces.length === 0) return null;
    return Buffer.concat(this.#pieces);
  }
}
