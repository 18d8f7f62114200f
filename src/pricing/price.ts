/**
 * Prices as values. A version is a list of components, each the price of one unit in one direction, under
 * conditions (thinking, cache, resolution, service tier) and up to a size; rate.ts is the arithmetic on them.
 * Amounts are `bigint` pico (10⁻¹² of the currency). A component's amount divides evenly by what it is for, so
 * one count of anything costs a whole number of pico. Only a fraction of a price (a service tier, a region)
 * may leave a part of a pico, which is dropped at the count, in the payer's favour, and never at the bill.
 */
import type { CacheKind, Direction, Unit } from './quantities.ts';
import type { PriceTier, ServiceTerms } from './tier.ts';

/**
 * How the tiers of a rate apply.
 * - `whole_request`: the size of the request chooses one tier for all of it (context tiers). Size is the total of
 *   input tokens, or for other units how many of them the request used.
 * - `graduated`: what a tenant used of the rate this month goes through the tiers, each part at its tier's price.
 * - `volume`: the whole month's use is charged at the tier its total reaches, and never more than a larger total would cost.
 * - `package`: a price for each package that is begun, counted over the month.
 */
export const TIER_MODES = ['whole_request', 'graduated', 'volume', 'package'] as const;
export type TierMode = (typeof TIER_MODES)[number];

export const CACHE_TTLS = ['5m', '1h'] as const;
export type CacheTtl = (typeof CACHE_TTLS)[number];

/** When a component applies; what is absent applies to every request. The most particular component wins. */
export type PriceConditions = Readonly<{
  serviceTier?: PriceTier | undefined;
  resolution?: string | undefined;
  isThinking?: boolean | undefined;
  cacheKind?: CacheKind | undefined;
  cacheTtl?: CacheTtl | undefined;
}>;

export type PriceComponent = Readonly<{
  unit: Unit;
  direction: Direction;
  /** Decimal string of pico per `perUnits` units; a string because it crosses the wire as JSON. */
  amountPico: string;
  perUnits: number;
  /** The largest size of this tier, inclusive, in units; absent or null is the last tier. */
  upTo?: number | null | undefined;
  /** One for all components of a rate; `whole_request` where it is absent. */
  mode?: TierMode | undefined;
  when?: PriceConditions | undefined;
}>;

/** One effective-dated version of a model's price. */
export type PricedModel = Readonly<{
  priceId: string;
  modelId: string;
  currency: string;
  effectiveFromMs: number;
  components: readonly PriceComponent[];
  /** What the classes of service cost in this version, where it differs from the defaults of tier.ts. */
  serviceTerms?: ServiceTerms | undefined;
  /** By region, what its price is times the version's, as a decimal; 1 where a region is not named. */
  regions?: Readonly<Record<string, string>> | undefined;
  /** The class that calls are rated in; set by `priceOfTier`. */
  serviceTier?: PriceTier | undefined;
}>;

/** One priced part of a request: `eachPico × priced = amountPico`, always exactly. */
export type RatedLine = Readonly<{
  unit: Unit;
  direction: Direction;
  /** The component that priced it: a direction without one is charged as its fallback. */
  chargedAs: Direction;
  /** Names the rate among those of its version, for grouping: `token/output`, `image/output/720p`. */
  rate: string;
  /** The tier it fell in, by its upper bound; null is the last one. */
  upTo: number | null;
  /** How many counts were used (thousandths of seconds and hours; see quantities.ts). */
  units: number;
  /** How many times `eachPico` is charged: counts, or packages that were begun, or one step of a volume total. */
  priced: number;
  eachPico: bigint;
  amountPico: bigint;
}>;

export type Rated = Readonly<{ lines: readonly RatedLine[]; amountPico: bigint }>;

/**
 * The version of one currency that applies at an instant, or `elsewhere` where the model is priced then in
 * other currencies only: to call it for nothing would be a gift by mistake. Null where it is free for all.
 */
export function priceInForceIn<
  Version extends Readonly<{ currency: string; effectiveFromMs: number }>,
>(prices: readonly Version[], currency: string, atMs: number): Version | 'elsewhere' | null {
  let found: Version | null = null;
  let isElsewhere = false;
  for (const price of prices) {
    if (price.effectiveFromMs > atMs) continue;
    if (price.currency !== currency) isElsewhere = true;
    else if (found === null || price.effectiveFromMs > found.effectiveFromMs) found = price;
  }
  return found ?? (isElsewhere ? 'elsewhere' : null);
}

/**
 * The version that applies at an instant: the latest that has begun. Versions of one model and
 * currency begin at different instants, so there is never a tie. Null before the first.
 */
export function priceInForce<Version extends Readonly<{ effectiveFromMs: number }>>(
  prices: readonly Version[],
  atMs: number,
): Version | null {
  let found: Version | null = null;
  for (const price of prices) {
    if (price.effectiveFromMs > atMs) continue;
    if (found === null || price.effectiveFromMs > found.effectiveFromMs) found = price;
  }
  return found;
}
