/**
 * What a class of service costs, as a fraction of the price in force. Pure. The fraction is taken of the
 * price of one unit, and where half a pico would be left it is dropped there, in the payer's favour: a unit
 * still costs a whole number of pico, so no bill is ever rounded. Gateways hold and control rates with
 * this same function, by the price version and the class that were pinned at admission.
 */
import type { PriceComponent, PricedModel } from './price.ts';
import type { Direction } from './quantities.ts';

export type PriceTier = 'flex' | 'default' | 'priority' | 'batch';

export const PRICE_TIERS = ['flex', 'default', 'priority', 'batch'] as const;

type TierTerms = Readonly<{
  times: bigint;
  dividedBy: bigint;
  /** Directions with no price of their own in this class: they are charged as what they fall back to. */
  without: readonly Direction[];
}>;

const TERMS: Readonly<Record<PriceTier, TierTerms>> = {
  // Half for who waits while others do not want to, twice for who goes before them.
  flex: { times: 1n, dividedBy: 2n, without: [] },
  default: { times: 1n, dividedBy: 1n, without: [] },
  priority: { times: 2n, dividedBy: 1n, without: [] },
  // Half, and one discount is enough: what comes from a cache is charged as input.
  batch: { times: 1n, dividedBy: 2n, without: ['cache_read', 'cache_write'] },
};

/** The version itself where the class changes nothing. */
export function priceOfTier(price: PricedModel, tier: PriceTier = 'default'): PricedModel {
  const terms = TERMS[tier];
  if (terms.times === terms.dividedBy && terms.without.length === 0) return price;
  const kept = price.components.filter(({ direction }) => !terms.without.includes(direction));
  return { ...price, components: kept.map((component) => componentOfTier(component, terms)) };
}

function componentOfTier(component: PriceComponent, terms: TierTerms): PriceComponent {
  const { amountPico, perUnits } = component;
  const unitPico = ((BigInt(amountPico) / BigInt(perUnits)) * terms.times) / terms.dividedBy;
  return { ...component, amountPico: (unitPico * BigInt(perUnits)).toString() };
}
