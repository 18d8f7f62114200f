/**
 * Writes pieces while the next ones arrive: what came in during one write goes into the next as a
 * whole, so that a fast source of small pieces costs few writes and a slow one is never waited for.
 */
export class BatchWriter {
  readonly #write: (batch: Uint8Array) => Promise<void>;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #failure: Readonly<{ error: unknown }> | null = null;

  constructor(write: (batch: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Takes the piece; waits when too much is waiting. Raises what an earlier write raised. */
  async push(piece: Uint8Array): Promise<void> {
    this.#throwFailure();
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    this.#writing ??= this.#drain();
    if (this.#pendingBytes > PENDING_BYTES_MAX) await this.#writing;
  }

  /** Waits until everything is written. */
  async end(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const batch = Buffer.concat(this.#pending);
        this.#pending = [];
        await this.#write(batch);
        this.#pendingBytes -= batch.length;
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = null;
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** Enough for large writes, little enough to hold for many files at once. */
const PENDING_BYTES_MAX = 4 * 1024 * 1024;
