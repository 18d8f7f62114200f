/** When a delivery that failed is tried again. Pure. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** As Standard Webhooks suggests: soon for a hiccup, and some days for a receiver that is down over a weekend. */
const DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

export const ATTEMPTS_MAX = DELAYS_MS.length + 1;

/** After this many attempts without success; null when there is none any more. */
export function nextDelayMs(attempts: number): number | null {
  return DELAYS_MS[attempts - 1] ?? null;
}
