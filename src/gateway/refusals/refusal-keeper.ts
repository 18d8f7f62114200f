/** Hands refused requests to control in the background; what control does not take waits, as far as there is room. */
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import { type Refusal, RefusalLog, type RefusalRow } from './refusal-log.ts';

/** Rejects when control did not take them. */
export type SendRefusals = (refusals: readonly RefusalRow[]) => Promise<void>;

/** Whoever watches the list looks again about as often. */
const SEND_MS = 1_000;
/** In one call to control. */
const SEND_MAX = 500;

export class RefusalKeeper {
  readonly #refusals = new RefusalLog();
  readonly #send: SendRefusals;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(parts: Readonly<{ send: SendRefusals; clock: Clock; log: Log }>) {
    this.#send = parts.send;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#timer = setInterval(() => this.#sendSoon(), SEND_MS).unref();
  }

  get dropped(): number {
    return this.#refusals.dropped;
  }

  get waiting(): number {
    return this.#refusals.waiting;
  }

  add(refusal: Refusal): void {
    this.#refusals.add(refusal, this.#clock.nowMs());
  }

  /** What is left goes out once more, the counts of this minute too. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    this.#refusals.close();
    await this.#sendAll();
  }

  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll().finally(() => {
      this.#isSending = false;
    });
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const rows = this.#refusals.take(SEND_MAX, this.#clock.nowMs());
      if (rows.length === 0) return;
      try {
        await this.#send(rows);
      } catch (error) {
        this.#refusals.putBack(rows);
        this.#log.debug('refusals.not_sent', { count: rows.length, error });
        return;
      }
    }
  }
}
