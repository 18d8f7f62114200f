/** Randomness that is the same each time, so that a simulation is an argument and not an anecdote. */
export type Random = Readonly<{
  /** From 0 up to 1. */
  next: () => number;
  /** With this mean; the gaps of arrivals that know nothing of each other. */
  exponential: (mean: number) => number;
  /** With this median; most are near it and a few are many times it, as lengths of prompts are. */
  lognormal: (median: number, sigma: number) => number;
}>;

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    exponential: (mean) => -mean * Math.log(1 - next()),
    lognormal: (median, sigma) => median * Math.exp(sigma * normal()),
  };
}
