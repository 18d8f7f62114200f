/**
 * Asks control for shares, many in one call. What is asked for while a call is under way goes with the
 * next one, so a crowd of requests that wait for the same share costs control two calls and not a crowd.
 */
import type { Clock } from '#platform/clock.ts';
import type { Meter, MeterAddress, ShareGrant, ShareWish } from './meter.ts';

export type ShareRequest = MeterAddress & ShareWish;

export type AskShares = (requests: readonly ShareRequest[]) => Promise<readonly ShareGrant[]>;

/** As many as one call carries; control takes twice that. */
const BATCH_MAX = 500;

export class ShareAsker {
  readonly #ask: AskShares;
  readonly #clock: Clock;
  readonly #wanted = new Set<Meter>();
  #next: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(ask: AskShares, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Resolves once control has answered for these. Raises `control_unavailable`. */
  ask(meters: Iterable<Meter>): Promise<void> {
    for (const meter of meters) this.#wanted.add(meter);
    if (this.#next !== null) return this.#next;
    const next = this.#running
      // Whoever waited for the call before was told of its failure; this one stands for itself.
      .catch(() => null)
      .then(() => this.#askAll());
    this.#next = next;
    this.#running = next;
    return next;
  }

  /** For a gateway that stops. Raises `control_unavailable`; what is not given back ends by itself. */
  async giveBack(meters: Iterable<Meter>): Promise<void> {
    await this.#running.catch(() => null);
    const nowMs = this.#clock.monotonicMs();
    const requests = [...meters].map((meter) => ({ ...meter.address, ...meter.farewell(nowMs) }));
    for (let from = 0; from < requests.length; from += BATCH_MAX) {
      await this.#ask(requests.slice(from, from + BATCH_MAX));
    }
  }

  async #askAll(): Promise<void> {
    this.#next = null;
    const meters = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < meters.length; from += BATCH_MAX) {
      await this.#askSome(meters.slice(from, from + BATCH_MAX));
    }
  }

  async #askSome(meters: readonly Meter[]): Promise<void> {
    const askedAtMs = this.#clock.monotonicMs();
    const requests = meters.map((meter) => ({ ...meter.address, ...meter.wish(askedAtMs) }));
    const grants = await this.#ask(requests);
    const nowMs = this.#clock.monotonicMs();
    for (const [index, meter] of meters.entries()) {
      const grant = grants[index];
      if (grant !== undefined) meter.adopt(grant, askedAtMs, nowMs);
    }
  }
}
