/**
 * One limited quantity as a gateway sees it: the share it holds, and what it did on it. The share is
 * what it may use without asking; `others` is what of the limit is out of its reach. See
 * limits/share.ts for how shares are made.
 */
import type { Level } from '#limits/api.ts';
import type { Metric } from '#limits/metric.ts';
import type { Draw } from './draw.ts';

export type MeterAddress = Readonly<{
  tenantId: string;
  level: Level;
  scopeId: string;
  metric: Metric;
}>;

export type ShareWish = Readonly<{
  shareId: string | null;
  used: bigint;
  want: bigint;
  least: bigint;
}>;

export type ShareGrant = Readonly<{
  shareId: string | null;
  amount: bigint;
  /** Null when there is no such limit any more. */
  limit: bigint | null;
  others: bigint;
  /** Another gateway needs more: whoever holds more than this should come down to it. */
  fair: bigint | null;
  ttlMs: number;
  resetsInMs: number | null;
}>;

export interface Meter {
  readonly address: MeterAddress;
  /** Requests in line for it; whoever comes later stands behind them. */
  waiting: number;
  fits(draw: Draw, nowMs: number): boolean;
  take(draw: Draw, nowMs: number): void;
  undo(draw: Draw, nowMs: number): void;
  settle(draw: Draw, real: Readonly<{ tokens: number; spentPico: bigint }>, nowMs: number): void;
  grow(tokens: number, nowMs: number): void;
  /** A request waits for a larger share; `expectNoMore` when it no longer does. */
  expect(draw: Draw): void;
  expectNoMore(draw: Draw): void;
  /** Asking again may help: the share is not the whole limit, and nobody said no a moment ago. */
  mayGrow(nowMs: number): boolean;
  /** Little of the share is left, or of its time: the next should be asked for ahead. */
  isLow(nowMs: number): boolean;
  /** With the next wish, what is not needed is given back. */
  trim(): void;
  /** What to ask control for. What is given back with it is not used from here on. */
  wish(nowMs: number): ShareWish;
  /** Everything is given back, and nothing is used from here on. */
  farewell(nowMs: number): ShareWish;
  /** The limit was set anew; more or less of it is used from here on. */
  setLimit(limit: bigint): void;
  adopt(grant: ShareGrant, askedAtMs: number, nowMs: number): void;
  /** Nothing is in use, and nobody waits. */
  isIdle(nowMs: number): boolean;
  /** Control does not know yet how much is in use. */
  hasNews(nowMs: number): boolean;
  /** Until the request would fit, if nothing else happens. */
  untilFitsMs(draw: Draw, nowMs: number): number;
  /** For headers. */
  standing(nowMs: number): Readonly<{ limit: number; remaining: number; resetMs: number }>;
  /** Until a budget begins anew; null for others. */
  untilResetMs(nowMs: number): number | null;
  /** In words: "60 requests a minute". */
  describe(): string;
}

/** After "there is no more" control is left in peace this long. */
export const REFUSAL_TTL_MS = 250;
/** Below this part of the share the next is asked for. */
export const LOW_DIVISOR = 4;
/** A share is this part of the limit larger than what was done on it, so that an even pace never waits for control. */
export const HEADROOM_DIVISOR = 8;
