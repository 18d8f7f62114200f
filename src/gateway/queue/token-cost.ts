/**
 * What a request counts in its tenant's fair share. Pure. By work and not by price: a token of output takes
 * about twice the time of one of input (the weights of the VTC paper), one from the cache next to nothing.
 */
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import type { Measured } from '../attempt.ts';

const OUTPUT_WEIGHT = 2;
const CACHED_WEIGHT = 0.1;

/** From what is known so far; before anything is, the guess from the request's text. */
export function tokenCost(measured: Measured | null, inputGuess: number): number {
  const usage = measured?.counted?.usage ?? null;
  if (usage !== null) {
    const read = inputTokensOf(usage) - usage.cacheRead + CACHED_WEIGHT * usage.cacheRead;
    return read + OUTPUT_WEIGHT * outputTokensOf(usage);
  }
  const prompt = measured?.prompt ?? null;
  const input = prompt === null ? inputGuess : prompt.input + CACHED_WEIGHT * prompt.cacheRead;
  return input + OUTPUT_WEIGHT * (measured?.delivered ?? 0);
}
