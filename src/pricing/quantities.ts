/**
 * What was used, as pricing wants it: disjoint buckets of tokens, counts of other units, and the attributes
 * of the request that choose its price. Pure values; gateways write them, control rates them.
 *
 * Counts are whole numbers. Units that come in fractions are counted in thousandths (milliseconds of
 * speech, thousandths of a GPU hour); less than that is dropped by who measures, in the payer's favour.
 * So a count never needs rounding here, and a thousandth costs a whole number of pico like a token does.
 */

/**
 * How many tokens of each direction were used. The buckets are disjoint: input without cache reads and
 * writes, output without reasoning. Their sum is what the engine counted, whatever shape it spoke.
 */
export type TokenBuckets = Readonly<{
  input: number;
  cacheRead: number;
  /** Written to a cache that lives as long as the provider's default (five minutes). */
  cacheWrite: number;
  /** Written to a cache that lives an hour; not part of `cacheWrite`. */
  cacheWrite1h?: number | undefined;
  output: number;
  reasoning: number;
}>;

export const DIRECTIONS = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const UNITS = [
  'token',
  'character',
  'second',
  'image',
  'video_second',
  'page',
  'request',
  'gb_day',
  'gpu_hour',
  'training_token',
] as const;
export type Unit = (typeof UNITS)[number];
export type OtherUnit = Exclude<Unit, 'token'>;

/** How many counts make one unit. Prices are per unit, counts are in these. */
export const COUNTS_PER_UNIT: Readonly<Record<Unit, number>> = {
  token: 1,
  character: 1,
  second: 1_000,
  image: 1,
  video_second: 1_000,
  page: 1,
  request: 1,
  gb_day: 1_000,
  gpu_hour: 1_000,
  training_token: 1,
};

/**
 * Use of a unit other than tokens. Speech that was heard, pages that were read and characters that were
 * spoken aloud are input; images, video and speech that were made are output; a request is input.
 * A request lists a unit and direction once.
 */
export type UnitCount = Readonly<{
  unit: OtherUnit;
  direction: 'input' | 'output';
  /** Whole, in `COUNTS_PER_UNIT`: 12.5 seconds are 12500. Only what was delivered counts. */
  count: number;
}>;

export const CACHE_KINDS = ['implicit', 'explicit'] as const;
export type CacheKind = (typeof CACHE_KINDS)[number];

/** What else of a request chooses its price. All may be absent: then only what holds for every request applies. */
export type PriceAttributes = Readonly<{
  /** The model was asked to think: its whole output may have another price. */
  isThinking?: boolean | undefined;
  /** Who made the cache: the provider by itself, or the caller by marking it. Exclusive per request. */
  cacheKind?: CacheKind | undefined;
  /** Of images and video, a word such as `720p` or `1024x1024`. */
  resolution?: string | undefined;
  /** Where it was served. */
  region?: string | undefined;
}>;

export type Quantities = TokenBuckets &
  Readonly<{
    units?: readonly UnitCount[] | undefined;
    attributes?: PriceAttributes | undefined;
  }>;

/** `12.3456` seconds → 12345: what is less than a count is dropped. Never negative, never NaN. */
export function toCount(unit: OtherUnit, amount: number): number {
  if (!(amount > 0)) return 0;
  // Adds a billionth first, because 0.29 × 1000 is 289.99999999999997 for a computer.
  const count = Math.floor(amount * COUNTS_PER_UNIT[unit] + 1e-9);
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

/** All that went in: what request-size tiers are chosen by. */
export function inputTokensOf(buckets: TokenBuckets): number {
  return buckets.input + buckets.cacheRead + buckets.cacheWrite + (buckets.cacheWrite1h ?? 0);
}

export function outputTokensOf(buckets: TokenBuckets): number {
  return buckets.output + buckets.reasoning;
}
