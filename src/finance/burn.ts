/**
 * How long the money lasts and where the month ends, by two rules that fit in a sentence each. Pure.
 *
 * Burn: the cash spent in the last seven days divided by seven, or by the days since the first call where
 * that is less. Forecast: what the month cost so far, and for what is left of it as much a day as in those
 * seven days. Neither knows of weekends or of plans that somebody has; both are easy to check by hand.
 */
const DAY_MS = 24 * 60 * 60_000;

export const BURN_DAYS = 7;

/** What is left may be spent in more days than anybody counts. */
const DAYS_LEFT_MAX = 3_650;

export type Burn = Readonly<{
  perDayPico: bigint;
  /** How many days it is the mean of; 0 where nothing was spent. */
  days: number;
}>;

/** A mean over what there is: `firstAtMs` is the first spending within the window, null for none. */
export function burnOf(
  request: Readonly<{ spentPico: bigint; firstAtMs: number | null; nowMs: number }>,
): Burn {
  const { spentPico, firstAtMs, nowMs } = request;
  if (firstAtMs === null || spentPico <= 0n) return { perDayPico: 0n, days: 0 };
  const days = Math.min(BURN_DAYS, Math.max(1, Math.ceil((nowMs - firstAtMs) / DAY_MS)));
  return { perDayPico: spentPico / BigInt(days), days };
}

/** Whole days; null where nothing is spent, or for longer than anybody plans. */
export function daysLeft(availablePico: bigint, { perDayPico }: Burn): number | null {
  if (perDayPico <= 0n) return null;
  if (availablePico <= 0n) return 0;
  const days = availablePico / perDayPico;
  return days > BigInt(DAYS_LEFT_MAX) ? null : Number(days);
}

/** So far, and for the rest of the month as much a day as lately. */
export function forecastOf(
  request: Readonly<{ soFarPico: bigint; burn: Burn; nowMs: number; monthEndMs: number }>,
): bigint {
  const { soFarPico, burn, nowMs, monthEndMs } = request;
  const restMs = BigInt(Math.max(0, monthEndMs - nowMs));
  return soFarPico + (burn.perDayPico * restMs) / BigInt(DAY_MS);
}

/** The calendar month (UTC) of an instant, and the one before. */
export function monthAround(
  nowMs: number,
): Readonly<{ startMs: number; endMs: number; previousMs: number }> {
  const now = new Date(nowMs);
  const at = (months: number): number => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months);
  return { startMs: at(0), endMs: at(1), previousMs: at(-1) };
}
