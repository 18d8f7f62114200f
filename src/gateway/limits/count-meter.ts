/** A meter of calls, tokens or requests at the same time: what is counted in whole numbers. */
import type { Draw } from './draw.ts';
import {
  HEADROOM_DIVISOR,
  LOW_DIVISOR,
  type Meter,
  type MeterAddress,
  REFUSAL_TTL_MS,
  type ShareGrant,
  type ShareWish,
} from './meter.ts';
import { RateWindow } from './rate-window.ts';

type CountMetric = Exclude<MeterAddress['metric'], 'daily_budget' | 'monthly_budget'>;

const WINDOW_MS: Readonly<Record<CountMetric, number | null>> = {
  requests_per_second: 1_000,
  requests_per_minute: 60_000,
  tokens_per_minute: 60_000,
  concurrency: null,
};

const WORDS: Readonly<Record<CountMetric, string>> = {
  requests_per_second: 'requests a second',
  requests_per_minute: 'requests a minute',
  tokens_per_minute: 'tokens a minute',
  concurrency: 'requests at the same time',
};

/** Nobody knows when a running request ends; a second is a polite guess. */
const CONCURRENCY_RETRY_MS = 1_000;
/** A caller that comes back within this finds its share still here. */
const IDLE_MS = 60_000;

export class CountMeter implements Meter {
  readonly address: MeterAddress;
  waiting = 0;
  readonly #metric: CountMetric;
  /** Null for what runs at the same time, which is counted itself. */
  readonly #window: RateWindow | null;
  #running = 0;
  #shareId: string | null = null;
  #amount = 0;
  #limit: number;
  #others = 0;
  #fair = Number.POSITIVE_INFINITY;
  #expiresAtMs = Number.NEGATIVE_INFINITY;
  #ttlMs = 0;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;
  #reported = 0;
  #demand = 0;
  #isTrimming = false;
  #askedLeast = 0;
  #lastTakenMs = Number.NEGATIVE_INFINITY;
  #leastCost = Number.POSITIVE_INFINITY;

  constructor(address: MeterAddress, metric: CountMetric, limit: bigint) {
    this.address = address;
    this.#metric = metric;
    this.#limit = Number(limit);
    const windowMs = WINDOW_MS[metric];
    this.#window = windowMs === null ? null : new RateWindow(windowMs);
  }

  fits(draw: Draw, nowMs: number): boolean {
    if (this.#limit === Number.POSITIVE_INFINITY) return true;
    return this.#expiresAtMs > nowMs && this.#used(nowMs) + this.#cost(draw) <= this.#amount;
  }

  take(draw: Draw, nowMs: number): void {
    this.#lastTakenMs = nowMs;
    if (this.#window === null) this.#running += 1;
    else this.#window.add(nowMs, this.#cost(draw));
  }

  undo(draw: Draw, nowMs: number): void {
    if (this.#window === null) this.#running -= 1;
    else this.#window.takeBack(nowMs, draw.takenAtMs ?? nowMs, this.#cost(draw));
  }

  settle(draw: Draw, real: Readonly<{ tokens: number }>, nowMs: number): void {
    if (this.#window === null) this.#running -= 1;
    if (this.#metric !== 'tokens_per_minute' || this.#window === null) return;
    // By what was taken, which was never more than the whole limit.
    const difference = real.tokens - this.#cost(draw);
    if (difference > 0) this.#window.add(nowMs, difference);
    else this.#window.takeBack(nowMs, draw.takenAtMs ?? nowMs, -difference);
  }

  grow(tokens: number, nowMs: number): void {
    if (this.#metric === 'tokens_per_minute') this.#window?.add(nowMs, tokens);
  }

  expect(draw: Draw): void {
    const cost = this.#cost(draw);
    this.#demand += cost;
    this.#leastCost = Math.min(this.#leastCost, cost);
  }

  expectNoMore(draw: Draw): void {
    this.#demand -= this.#cost(draw);
    if (this.#demand > 0) return;
    this.#demand = 0;
    this.#leastCost = Number.POSITIVE_INFINITY;
  }

  mayGrow(nowMs: number): boolean {
    if (this.#refusedUntilMs > nowMs) return false;
    return this.#expiresAtMs <= nowMs || this.#amount < this.#limit;
  }

  isLow(nowMs: number): boolean {
    if (!this.mayGrow(nowMs)) return false;
    if (this.#expiresAtMs - nowMs < this.#ttlMs / LOW_DIVISOR) return true;
    return (this.#amount - this.#used(nowMs)) * LOW_DIVISOR < this.#amount;
  }

  trim(): void {
    this.#isTrimming = true;
  }

  wish(nowMs: number): ShareWish {
    if (this.#demand > 0) this.#lastTakenMs = nowMs;
    const used = this.#used(nowMs);
    const isOver = this.#expiresAtMs <= nowMs;
    const cost = this.#leastCost === Number.POSITIVE_INFINITY ? 0 : this.#leastCost;
    const least = Math.min(this.#limit, used + cost);
    // What is held ahead others cannot use, and without it nobody is served while control is away.
    const ahead = this.isIdle(nowMs) ? 0 : Math.ceil(this.#limit / HEADROOM_DIVISOR);
    const want = Math.max(least, Math.min(this.#limit, used + Math.max(ahead, this.#demand)));
    let kept = isOver || this.#isTrimming ? want : Math.max(want, this.#amount);
    // Others need more: what is above the fair part goes to them, as soon as what was done on it is past.
    if (kept > this.#fair) kept = Math.max(used, this.#fair);
    this.#isTrimming = false;
    if (kept < this.#amount) {
      this.#amount = kept;
      this.#refusedUntilMs = Number.NEGATIVE_INFINITY;
    }
    this.#reported = used;
    this.#askedLeast = least;
    return {
      shareId: isOver ? null : this.#shareId,
      used: whole(used),
      want: whole(kept),
      least: whole(least),
    };
  }

  farewell(nowMs: number): ShareWish {
    this.#amount = 0;
    const used = whole(this.#used(nowMs));
    return { shareId: this.#shareId, used, want: 0n, least: 0n };
  }

  setLimit(limit: bigint): void {
    if (this.#limit === Number(limit)) return;
    this.#limit = Number(limit);
    this.#amount = Math.min(this.#amount, this.#limit);
    this.#refusedUntilMs = Number.NEGATIVE_INFINITY;
  }

  adopt(grant: ShareGrant, askedAtMs: number, nowMs: number): void {
    this.#shareId = grant.shareId;
    this.#amount = Number(grant.amount);
    this.#limit = grant.limit === null ? Number.POSITIVE_INFINITY : Number(grant.limit);
    this.#others = Number(grant.others);
    this.#fair = grant.fair === null ? Number.POSITIVE_INFINITY : Number(grant.fair);
    // From when it was asked for: control counts from later, so we stop first.
    this.#expiresAtMs = askedAtMs + grant.ttlMs;
    this.#ttlMs = grant.ttlMs;
    // By what was asked for: more may have been taken since, and asking again is then no waste.
    if (this.#askedLeast > this.#amount) this.#refusedUntilMs = nowMs + REFUSAL_TTL_MS;
  }

  isIdle(nowMs: number): boolean {
    if (this.#demand > 0 || this.waiting > 0 || this.#used(nowMs) > 0) return false;
    return nowMs - this.#lastTakenMs > IDLE_MS;
  }

  hasNews(nowMs: number): boolean {
    if (this.#expiresAtMs - nowMs < this.#ttlMs / 2) return true;
    if (this.#fair !== Number.POSITIVE_INFINITY) return true;
    return this.#used(nowMs) !== this.#reported;
  }

  untilFitsMs(draw: Draw, nowMs: number): number {
    if (this.#window === null) return CONCURRENCY_RETRY_MS;
    const room = Math.max(0, Math.min(this.#amount, this.#limit));
    const tooMuch = this.#used(nowMs) + this.#cost(draw) - room;
    // Where the share is too small for it, others hold the rest: theirs moves as ours does.
    return Math.max(1, this.#window.untilLeftMs(nowMs, Math.max(1, tooMuch)));
  }

  standing(nowMs: number): Readonly<{ limit: number; remaining: number; resetMs: number }> {
    const remaining = Math.max(0, this.#limit - this.#others - this.#used(nowMs));
    const resetMs = this.#window?.untilEmptyMs(nowMs) ?? 0;
    return { limit: this.#limit, remaining: Math.floor(remaining), resetMs };
  }

  untilResetMs(): null {
    return null;
  }

  describe(): string {
    return `${this.#limit} ${WORDS[this.#metric]}`;
  }

  #used(nowMs: number): number {
    return this.#window === null ? this.#running : this.#window.used(nowMs);
  }

  /** A request that is larger than the limit takes all of it, and so passes alone. */
  #cost(draw: Draw): number {
    return this.#metric === 'tokens_per_minute' ? Math.min(draw.tokens, this.#limit) : 1;
  }
}

function whole(count: number): bigint {
  return BigInt(Math.max(0, Math.ceil(count)));
}
