/**
 * The law of every shape: what an engine says it used becomes buckets that do not overlap and whose sum is the
 * whole. Shapes differ in which of their numbers contain which; that is settled in their own files, and here
 * they all say the same five things about the input and the output.
 *
 * A part that is larger than its whole is cut to it, by a rule with a name: the whole is what the engine
 * worked on, and the cut never bills more than was said. Each cut is counted in a metric, because an engine
 * that does it miscounts elsewhere too.
 */
import assert from 'node:assert/strict';
import type { UsageBuckets } from '#metering/usage-event.ts';
import { type CacheKind, inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';

export const CLAMPS = [
  'cache_read_over_input',
  'cache_write_over_input',
  'hour_over_cache_write',
  'reasoning_over_output',
  // Nothing is cut: prices are per part, so the parts are believed and the total is not.
  'total_differs',
] as const;
export type Clamp = (typeof CLAMPS)[number];

/** What an engine said, with its wholes and its parts. */
export type Said = Readonly<{
  /** All that was read, whatever came from a cache or went into one. */
  input: number;
  cacheRead: number;
  /** All that was written to a cache, for however long. */
  cacheWrite: number;
  /** Of `cacheWrite`. */
  cacheWrite1h: number;
  /** All that was made, thoughts and answer. */
  output: number;
  reasoning: number;
  /** Of everything; null where it was not said. */
  total: number | null;
  /** Null where nothing says how the cache came about. */
  cacheKind: CacheKind | null;
}>;

export type Counted = Readonly<{
  usage: UsageBuckets;
  cacheKind: CacheKind | null;
  /** The rules that had to cut something; almost always none. */
  clamps: readonly Clamp[];
}>;

const NO_CLAMPS: readonly Clamp[] = [];

export function disjoint(said: Said): Counted {
  const cacheRead = Math.min(said.cacheRead, said.input);
  const cacheWrite = Math.min(said.cacheWrite, said.input - cacheRead);
  const cacheWrite1h = Math.min(said.cacheWrite1h, cacheWrite);
  const reasoning = Math.min(said.reasoning, said.output);
  const usage: UsageBuckets = {
    input: said.input - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite: cacheWrite - cacheWrite1h,
    ...(cacheWrite1h > 0 && { cacheWrite1h }),
    output: said.output - reasoning,
    reasoning,
  };
  assert.equal(inputTokensOf(usage), said.input, 'buckets of input sum to what was read');
  assert.equal(outputTokensOf(usage), said.output, 'buckets of output sum to what was made');
  return { usage, cacheKind: said.cacheKind, clamps: clampsOf(said, usage) };
}

function clampsOf(said: Said, usage: UsageBuckets): readonly Clamp[] {
  const written = usage.cacheWrite + (usage.cacheWrite1h ?? 0);
  const isCut: Readonly<Record<Clamp, boolean>> = {
    cache_read_over_input: said.cacheRead > usage.cacheRead,
    cache_write_over_input: said.cacheWrite > written,
    hour_over_cache_write: said.cacheWrite1h > said.cacheWrite,
    reasoning_over_output: said.reasoning > usage.reasoning,
    total_differs: said.total !== null && said.total !== said.input + said.output,
  };
  const clamps = CLAMPS.filter((clamp) => isCut[clamp]);
  return clamps.length === 0 ? NO_CLAMPS : clamps;
}

/** No request has more tokens than this; a larger number is a fault, and would overflow the rating. */
const TOKENS_MAX = 1_000_000_000;

/** A count that can be; null for everything else, as if it had not been said. */
export function countIn(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  return value >= 0 && value <= TOKENS_MAX ? value : null;
}
