/**
 * Between callers that may not wait and a disk that may: frames collect in memory for a moment and go
 * down as one batch. Memory is bounded; when the disk fails, what is in memory stays there and is tried
 * again until it is durable, and `isWritable` tells the gateway to admit nobody meanwhile.
 */
import { codeOf, messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { fail } from './errors.ts';
import type { Position } from './segment.ts';

/** How long the first frame of a batch waits for company: far below what a person notices, hundreds of frames under load. */
const GATHER_MS = 2;

/** One write at most; larger ones only make the next frame wait longer. */
const BATCH_BYTES_MAX = 1024 * 1024;

/**
 * Memory for frames that are not durable yet. Above the first the gateway admits nobody; the rest is for
 * those already admitted, whose `settled` must be kept: 12 MiB hold the ends of some 20,000 requests.
 */
export const PENDING_BYTES_SOFT = 4 * 1024 * 1024;
export const PENDING_BYTES_MAX = 16 * 1024 * 1024;

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1000;

export type Health = Readonly<{ isWritable: boolean; reason: string | null }>;

type Waiter = Readonly<{ sequence: number; resolve: () => void }>;

export class GroupCommit {
  readonly #write: (batch: Buffer) => Promise<Position>;
  readonly #onDurable: (position: Position) => void;
  readonly #log: Log;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Frames appended and frames durable since the start. */
  #appended = 0;
  #durable = 0;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isWriting = false;
  #retryMs = RETRY_MIN_MS;
  #reason: string | null = null;
  /** No more frames; those there are still go down. */
  #isStopped = false;
  #hasGivenUp = false;

  constructor(
    parts: Readonly<{
      write: (batch: Buffer) => Promise<Position>;
      onDurable: (position: Position) => void;
      log: Log;
    }>,
  ) {
    this.#write = parts.write;
    this.#onDurable = parts.onDurable;
    this.#log = parts.log;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** How many frames were appended since the start: the number of the last one. */
  get appended(): number {
    return this.#appended;
  }

  /** How many of them are on disk; frames go down in order. */
  get durable(): number {
    return this.#durable;
  }

  health(): Health {
    if (this.#reason !== null) return { isWritable: false, reason: this.#reason };
    if (this.#pendingBytes > PENDING_BYTES_SOFT) {
      return { isWritable: false, reason: 'the disk is slower than the traffic' };
    }
    return { isWritable: !this.#isStopped, reason: this.#isStopped ? 'stopped' : null };
  }

  /** Takes a frame without waiting. Raises `journal.full` at the bound and `journal.stopped` after the end. */
  append(frame: Buffer): void {
    if (this.#isStopped) throw fail('journal.stopped', 'The usage journal is closed.');
    if (this.#pendingBytes + frame.length > PENDING_BYTES_MAX) {
      throw fail(
        'journal.full',
        'The disk does not take usage records and memory for them is full.',
      );
    }
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    this.#appended += 1;
    this.#schedule(GATHER_MS);
  }

  /** Resolves once everything appended so far is on disk, however long the disk takes. */
  async flush(): Promise<void> {
    if (this.#durable >= this.#appended) return;
    const done = new Promise<void>((resolve) => {
      this.#waiters.push({ sequence: this.#appended, resolve });
    });
    this.#now();
    await done;
  }

  /** Flushes for at most `graceMs`; returns how many frames the disk never took. */
  async stop(graceMs: number): Promise<number> {
    const flushed = this.flush();
    this.#isStopped = true;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([flushed, late]);
    clearTimeout(timer);
    this.#hasGivenUp = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    return this.#appended - this.#durable;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#isWriting) return;
    this.#timer = setTimeout(() => this.#now(), delayMs);
  }

  #now(): void {
    if (this.#isWriting) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isWriting = true;
    void this.#writeAll();
  }

  /** Writes until nothing is pending or the disk refuses; never rejects. */
  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const count = batchLength(this.#pending);
      const batch = Buffer.concat(this.#pending.slice(0, count));
      try {
        const position = await this.#write(batch);
        this.#pending.splice(0, count);
        this.#pendingBytes -= batch.length;
        this.#durable += count;
        this.#recovered();
        this.#onDurable(position);
        this.#release();
      } catch (error) {
        this.#failed(error);
        return;
      }
    }
    this.#isWriting = false;
  }

  #failed(error: unknown): void {
    if (this.#reason === null) this.#log.error('journal.unwritable', { error });
    this.#reason = codeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error);
    this.#isWriting = false;
    if (this.#hasGivenUp) return;
    this.#schedule(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #recovered(): void {
    this.#retryMs = RETRY_MIN_MS;
    if (this.#reason === null) return;
    this.#reason = null;
    this.#log.warn('journal.writable_again', { pendingBytes: this.#pendingBytes });
  }

  #release(): void {
    const done = this.#waiters.filter(({ sequence }) => sequence <= this.#durable);
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter(({ sequence }) => sequence > this.#durable);
    for (const { resolve } of done) resolve();
  }
}

/** How many of the first frames fit one write; at least one. */
function batchLength(frames: readonly Buffer[]): number {
  let bytes = 0;
  let count = 0;
  for (const frame of frames) {
    if (count > 0 && bytes + frame.length > BATCH_BYTES_MAX) break;
    bytes += frame.length;
    count += 1;
  }
  return count;
}
