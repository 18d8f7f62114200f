/**
 * A meter of money within a day or month. Its share is an amount for the period, in which every hold
 * and all that was spent since the share began counts; a share that ended leaves its spending to control.
 */
import { formatAmount } from '#ledger/money.ts';
import type { Draw } from './draw.ts';
import {
  type Meter,
  type MeterAddress,
  REFUSAL_TTL_MS,
  type ShareGrant,
  type ShareWish,
} from './meter.ts';

/** One share should carry this many requests like the last one. */
const HOLDS_PER_SHARE = 32n;
/** A budget is given back when nothing was taken from it for this long. */
const IDLE_MS = 60_000;

export class BudgetMeter implements Meter {
  readonly address: MeterAddress;
  waiting = 0;
  #shareId: string | null = null;
  #amount = 0n;
  #limit: bigint | null;
  #used = 0n;
  #holds = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #expiresAtMs = Number.NEGATIVE_INFINITY;
  #ttlMs = 0;
  #resetsAtMs = Number.POSITIVE_INFINITY;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;
  #lastTakenMs = Number.NEGATIVE_INFINITY;
  #cost = 0n;
  #demand = 0n;
  #isTrimming = false;
  #askedLeast = 0n;

  constructor(address: MeterAddress, limit: bigint) {
    this.address = address;
    this.#limit = limit;
  }

  fits(draw: Draw, nowMs: number): boolean {
    if (this.#limit === null || draw.holdPico === 0n) return true;
    return this.#expiresAtMs > nowMs && this.#used + draw.holdPico <= this.#amount;
  }

  take(draw: Draw, nowMs: number): void {
    this.#used += draw.holdPico;
    this.#holds += 1;
    this.#lastTakenMs = nowMs;
  }

  undo(draw: Draw): void {
    this.#end(draw, 0n);
  }

  settle(draw: Draw, real: Readonly<{ spentPico: bigint }>): void {
    this.#end(draw, real.spentPico);
  }

  grow(): void {}

  expect(draw: Draw): void {
    this.#demand += draw.holdPico;
    this.#cost = draw.holdPico;
  }

  expectNoMore(draw: Draw): void {
    this.#demand -= draw.holdPico;
  }

  mayGrow(nowMs: number): boolean {
    if (this.#refusedUntilMs > nowMs) return false;
    return this.#expiresAtMs <= nowMs || this.#limit === null || this.#amount < this.#limit;
  }

  isLow(nowMs: number): boolean {
    if (!this.mayGrow(nowMs)) return false;
    if (this.#expiresAtMs - nowMs < this.#ttlMs / 4) return true;
    return (this.#amount - this.#used) * 4n < this.#amount;
  }

  trim(): void {
    this.#isTrimming = true;
  }

  wish(nowMs: number): ShareWish {
    const isOver = this.#expiresAtMs <= nowMs;
    if (isOver) this.#begin(null, nowMs);
    const used = this.#used > 0n ? this.#used : 0n;
    if (this.isIdle(nowMs)) {
      this.#expiresAtMs = Number.NEGATIVE_INFINITY;
      return { shareId: this.#shareId, used, want: 0n, least: 0n };
    }
    const least = used + (this.#demand > 0n ? this.#cost : 0n);
    this.#askedLeast = least;
    const want = used + this.#demand * 2n + this.#cost * HOLDS_PER_SHARE;
    const kept = isOver || this.#isTrimming || want > this.#amount ? want : this.#amount;
    this.#isTrimming = false;
    if (kept < this.#amount) {
      this.#amount = kept;
      this.#refusedUntilMs = Number.NEGATIVE_INFINITY;
    }
    return { shareId: this.#shareId, used, want: kept, least };
  }

  farewell(): ShareWish {
    this.#amount = 0n;
    const used = this.#used > 0n ? this.#used : 0n;
    return { shareId: this.#shareId, used, want: 0n, least: 0n };
  }

  setLimit(limit: bigint): void {
    if (this.#limit === limit) return;
    // What was spent before this share is known to control only: the share says what is left.
    if (this.#limit === null || limit < this.#limit) this.#expiresAtMs = Number.NEGATIVE_INFINITY;
    this.#limit = limit;
    this.#refusedUntilMs = Number.NEGATIVE_INFINITY;
  }

  adopt(grant: ShareGrant, askedAtMs: number, nowMs: number): void {
    if (grant.shareId !== this.#shareId) this.#begin(grant.shareId, nowMs);
    this.#amount = grant.amount;
    this.#limit = grant.limit;
    this.#expiresAtMs = askedAtMs + grant.ttlMs;
    this.#ttlMs = grant.ttlMs;
    if (grant.resetsInMs !== null) this.#resetsAtMs = askedAtMs + grant.resetsInMs;
    if (this.#askedLeast > this.#amount) this.#refusedUntilMs = nowMs + REFUSAL_TTL_MS;
  }

  isIdle(nowMs: number): boolean {
    const isQuiet = nowMs - this.#lastTakenMs > IDLE_MS;
    return this.#holds === 0 && this.#demand <= 0n && isQuiet;
  }

  hasNews(nowMs: number): boolean {
    return this.#expiresAtMs - nowMs < this.#ttlMs / 2;
  }

  untilFitsMs(_draw: Draw, nowMs: number): number {
    return this.untilResetMs(nowMs);
  }

  standing(): Readonly<{ limit: number; remaining: number; resetMs: number }> {
    return { limit: 0, remaining: 0, resetMs: 0 };
  }

  untilResetMs(nowMs: number): number {
    const leftMs = this.#resetsAtMs - nowMs;
    return Number.isFinite(leftMs) ? Math.max(1, leftMs) : IDLE_MS;
  }

  describe(): string {
    const unit = this.address.metric === 'daily_budget' ? 'a day' : 'a month';
    return `a budget of ${formatAmount(this.#limit ?? 0n)} ${unit}`;
  }

  /** A share of its own: what is held on the one before is counted there. */
  #begin(shareId: string | null, nowMs: number): void {
    this.#shareId = shareId;
    this.#used = 0n;
    this.#sinceMs = nowMs;
  }

  #end(draw: Draw, spentPico: bigint): void {
    this.#holds -= 1;
    if ((draw.takenAtMs ?? 0) < this.#sinceMs) return;
    this.#used += spentPico - draw.holdPico;
  }
}
