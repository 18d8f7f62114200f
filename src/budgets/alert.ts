/** Which thresholds of a budget are reached. Pure. */

export type Reached = Readonly<{ kind: 'actual' | 'forecast'; percent: number }>;

export type Standing = Readonly<{
  amountPico: bigint;
  spentPico: bigint;
  /** Null where nothing can be foretold. */
  forecastPico: bigint | null;
  thresholds: readonly number[];
  forecastThresholds: readonly number[];
}>;

/**
 * In rising order. A forecast is no news where the money is spent already, so it is left out at and below
 * what is reached.
 */
export function reachedBy(standing: Standing): readonly Reached[] {
  const { amountPico, spentPico, forecastPico, thresholds, forecastThresholds } = standing;
  const isAt = (pico: bigint, percent: number): boolean =>
    pico * 100n >= amountPico * BigInt(percent);
  const actual = sorted(thresholds).filter((percent) => isAt(spentPico, percent));
  const foretold =
    forecastPico === null
      ? []
      : sorted(forecastThresholds).filter(
          (percent) => isAt(forecastPico, percent) && !isAt(spentPico, percent),
        );
  return [
    ...actual.map((percent) => ({ kind: 'actual' as const, percent })),
    ...foretold.map((percent) => ({ kind: 'forecast' as const, percent })),
  ];
}

function sorted(percents: readonly number[]): number[] {
  return [...new Set(percents)].toSorted((a, b) => a - b);
}

/** Whole per cent, rounded down: 100 means that it is reached. */
export function percentOf(partPico: bigint, wholePico: bigint): number {
  return Number((partPico * 100n) / wholePico);
}
