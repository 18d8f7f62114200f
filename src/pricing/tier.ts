/**
 * What a class of service costs, as a multiple of the price in force. Pure. Each version may say its own terms;
 * these are the defaults. The multiple is taken of the price of one count, together with the region's, and what is
 * left of a pico is dropped there, in the payer's favour, so no bill is ever rounded. Gateways hold and
 * control rates with the same functions, by the version and the class that were pinned at admission.
 */
import type { PricedModel } from './price.ts';
import type { Direction } from './quantities.ts';

export const PRICE_TIERS = ['flex', 'default', 'priority', 'batch'] as const;
export type PriceTier = (typeof PRICE_TIERS)[number];

export type TierTerms = Readonly<{
  /** A decimal such as `0.5`. */
  times: string;
  /** Directions with no price of their own in this class: they are charged as what they fall back to. */
  without: readonly Direction[];
}>;

export type ServiceTerms = Readonly<Partial<Record<PriceTier, TierTerms | undefined>>>;

export const DEFAULT_TERMS: Readonly<Record<PriceTier, TierTerms>> = {
  // Half for who waits while others do not want to, twice for who goes before them.
  flex: { times: '0.5', without: [] },
  default: { times: '1', without: [] },
  priority: { times: '2', without: [] },
  // Half, and one discount is enough: what comes from a cache is charged as input.
  batch: { times: '0.5', without: ['cache_read', 'cache_write'] },
};

/** The version as calls of a class are rated by it; the version itself for the default class. */
export function priceOfTier(price: PricedModel, tier: PriceTier = 'default'): PricedModel {
  if (tier === 'default') return price;
  let known = ofTiers.get(price);
  if (known === undefined) {
    known = new Map();
    ofTiers.set(price, known);
  }
  let found = known.get(tier);
  if (found === undefined) {
    found = { ...price, serviceTier: tier };
    known.set(tier, found);
  }
  return found;
}

/** One value for each version and class, so that what is known of it is found again; it goes with the version. */
const ofTiers = new WeakMap<PricedModel, Map<PriceTier, PricedModel>>();

export function termsOf(price: PricedModel): TierTerms {
  const tier = price.serviceTier ?? 'default';
  return price.serviceTerms?.[tier] ?? DEFAULT_TERMS[tier];
}
