/** The window of a range and its slots, on the hours and days the server counts in (UTC). Pure. */
import type { UsageReport } from '../cloud.ts';
import type { UsageRange } from '../search.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type TimeWindow = Readonly<{
  fromMs: number;
  toMs: number;
  interval: UsageReport['interval'];
  slotMs: number;
}>;

const SLOTS: Readonly<Record<UsageRange, Readonly<{ slotMs: number; count: number }>>> = {
  '24h': { slotMs: HOUR_MS, count: 24 },
  '7d': { slotMs: DAY_MS, count: 7 },
  '30d': { slotMs: DAY_MS, count: 30 },
};

/** Ends with the slot that is under way. */
export function windowOf(range: UsageRange, nowMs: number): TimeWindow {
  const { slotMs, count } = SLOTS[range];
  const toMs = Math.floor(nowMs / slotMs) * slotMs + slotMs;
  return {
    fromMs: toMs - count * slotMs,
    toMs,
    interval: slotMs === HOUR_MS ? 'hour' : 'day',
    slotMs,
  };
}

export function slotsOf({ fromMs, toMs, slotMs }: TimeWindow): readonly number[] {
  return Array.from({ length: (toMs - fromMs) / slotMs }, (_, slot) => fromMs + slot * slotMs);
}
