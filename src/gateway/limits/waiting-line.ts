/**
 * Requests whose callers would rather wait a while than be refused: in order of arrival, each until
 * it fits, its time is over or its caller leaves. A meter for which somebody stands here lets nobody
 * past. Bounded, because whoever waits holds memory and a socket.
 */
import type { Clock } from '#platform/clock.ts';
import { type Draw, takeAll } from './draw.ts';
import type { Meter } from './meter.ts';

type Waiter = Readonly<{
  draw: Draw;
  untilMs: number;
  /** Null where it fits now; else the meter that it failed at. */
  end: (refusedBy: Meter | null) => void;
  drop: (reason: Error) => void;
}>;

const WAITERS_MAX = 2_000;
/** Of one limit; more than this would not be served in any time that a caller waits. */
const WAITERS_PER_METER_MAX = 256;
/** The line is looked at this often at most, and at least: shares grow and streams end in between. */
const LOOK_MS_MIN = 10;
const LOOK_MS_MAX = 200;

export class WaitingLine {
  readonly #clock: Clock;
  readonly #refill: (meter: Meter) => void;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock, refill: (meter: Meter) => void) {
    this.#clock = clock;
    this.#refill = refill;
  }

  get length(): number {
    return this.#waiters.size;
  }

  hasRoom(meter: Meter): boolean {
    return this.#waiters.size < WAITERS_MAX && meter.waiting < WAITERS_PER_METER_MAX;
  }

  /** Null once the draw is taken; else the meter that had no room until the end. Rejects with what `leave` is given. */
  join(
    draw: Draw,
    waitMs: number,
  ): Readonly<{ ended: Promise<Meter | null>; leave: (reason: Error) => void }> {
    const { promise, resolve, reject } = Promise.withResolvers<Meter | null>();
    const waiter: Waiter = {
      draw,
      untilMs: this.#clock.monotonicMs() + waitMs,
      end: resolve,
      drop: reject,
    };
    this.#waiters.add(waiter);
    for (const meter of draw.meters) meter.waiting += 1;
    this.look();
    return {
      ended: promise,
      leave: (reason) => {
        if (this.#remove(waiter)) waiter.drop(reason);
      },
    };
  }

  /** Something may have become free. */
  look(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const nowMs = this.#clock.monotonicMs();
    const blocked = new Set<Meter>();
    let nextMs = LOOK_MS_MAX;
    for (const waiter of this.#waiters) {
      const { draw, untilMs } = waiter;
      let refusedBy = draw.meters.find((meter) => blocked.has(meter)) ?? null;
      refusedBy ??= takeAll(draw, nowMs);
      if (refusedBy === null || untilMs <= nowMs) {
        this.#remove(waiter);
        waiter.end(refusedBy);
        continue;
      }
      if (refusedBy.mayGrow(nowMs)) this.#refill(refusedBy);
      for (const meter of draw.meters) blocked.add(meter);
      nextMs = Math.min(nextMs, refusedBy.untilFitsMs(draw, nowMs), untilMs - nowMs);
    }
    if (this.#waiters.size === 0) return;
    this.#timer = setTimeout(() => this.look(), Math.max(LOOK_MS_MIN, nextMs));
  }

  stop(reason: Error): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const waiter of this.#waiters) if (this.#remove(waiter)) waiter.drop(reason);
  }

  #remove(waiter: Waiter): boolean {
    if (!this.#waiters.delete(waiter)) return false;
    for (const meter of waiter.draw.meters) meter.waiting -= 1;
    return true;
  }
}
