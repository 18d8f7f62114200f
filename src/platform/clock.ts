/**
 * Time has one door. Everything that decides by time takes a `Clock`, so that tests move it by hand
 * and simulations replay a schedule.
 */
export type Clock = Readonly<{
  /** Wall clock, milliseconds since the epoch. May jump; never used to measure a duration. */
  nowMs: () => number;
  /** Monotonic milliseconds with a fraction, for durations. */
  monotonicMs: () => number;
}>;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until it is told to move. */
export function createManualClock(startMs = 1_800_000_000_000): Clock & {
  advance: (ms: number) => void;
} {
  let offsetMs = 0;
  return {
    nowMs: () => startMs + offsetMs,
    monotonicMs: () => offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}
