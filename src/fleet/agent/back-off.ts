/**
 * How long to wait before an engine is started again, and when to call it failed. Pure. The first
 * restarts come quickly, because most deaths are single; after a few in a row people should see
 * `failed` with the reason, and the machine should rest between the tries that go on.
 */
export type BackOff = Readonly<{ delayMs: number; hasGivenUp: boolean }>;

const FIRST_DELAY_MS = 500;
const TRIES_BEFORE_FAILED = 4;
const SLOW_DELAY_MS = 60_000;
/** A file that cannot be read does not heal by itself; somebody may still replace the disk. */
const HOPELESS_DELAY_MS = 600_000;

/** An engine that ran this long was healthy: its next death counts as the first. */
export const STABLE_AFTER_MS = 60_000;

/** `failures` in a row, this one included. `isHopeless` when trying again cannot help soon. */
export function backOff(failure: { failures: number; isHopeless: boolean }): BackOff {
  if (failure.isHopeless) return { delayMs: HOPELESS_DELAY_MS, hasGivenUp: true };
  if (failure.failures > TRIES_BEFORE_FAILED) return { delayMs: SLOW_DELAY_MS, hasGivenUp: true };
  return { delayMs: FIRST_DELAY_MS * 2 ** (failure.failures - 1), hasGivenUp: false };
}
