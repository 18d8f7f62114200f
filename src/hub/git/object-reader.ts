/** Objects as `git cat-file --batch` tells them, one after the other. What is larger than asked for is passed over. */
import { failGit } from './errors.ts';
import type { Running } from './program.ts';

export type ReadObject = Readonly<{
  kind: string;
  sizeBytes: number;
  /** Null where there are more than asked for. */
  bytes: Buffer | null;
}>;

const HEAD_BYTES_MAX = 200;

export class ObjectReader {
  readonly #running: Running;
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(running: Running) {
    this.#running = running;
    this.#source = running.output[Symbol.asyncIterator]();
  }

  /** One at a time. Null where there is none. Raises `git.failed`. */
  async read(oid: string, bytesMax: number): Promise<ReadObject | null> {
    this.#running.input.write(`${oid}\n`);
    const head = await this.#line();
    const [, kind = '', size = ''] = head.split(' ');
    if (kind === 'missing') return null;
    const sizeBytes = Number(size);
    if (!Number.isSafeInteger(sizeBytes))
      throw failGit('git.failed', 'git says what it never says.');
    if (sizeBytes <= bytesMax) {
      const bytes = await this.#take(sizeBytes);
      await this.#take(1);
      return { kind, sizeBytes, bytes };
    }
    for (let left = sizeBytes + 1; left > 0;) {
      if (this.#rest.length === 0) await this.#more();
      const passed = Math.min(left, this.#rest.length);
      this.#rest = this.#rest.subarray(passed);
      left -= passed;
    }
    return { kind, sizeBytes, bytes: null };
  }

  async stop(): Promise<void> {
    this.#running.input.end();
    this.#running.output.destroy();
    await this.#running.ended.catch(() => undefined);
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end !== -1) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > HEAD_BYTES_MAX) throw failGit('git.failed', 'git says too much.');
      await this.#more();
    }
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) await this.#more();
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) {
      await this.#running.ended;
      throw failGit('git.failed', 'git ended before it had answered.');
    }
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}
