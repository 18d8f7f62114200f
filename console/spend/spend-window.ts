/** The days that a range of spending shows, as the server counts them (UTC). Pure. */
import type { SpendRange } from '../search.ts';

const DAY_MS = 24 * 3_600_000;

const DAYS: Readonly<Record<SpendRange, number>> = { '7d': 7, '30d': 30, '90d': 90 };

export type SpendWindow = Readonly<{ fromMs: number; toMs: number }>;

/** Ends with the day that is under way. */
export function spendWindow(range: SpendRange, nowMs: number): SpendWindow {
  const toMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  return { fromMs: toMs - DAYS[range] * DAY_MS, toMs };
}

export function daysOf({ fromMs, toMs }: SpendWindow): readonly number[] {
  return Array.from({ length: (toMs - fromMs) / DAY_MS }, (_, day) => fromMs + day * DAY_MS);
}
