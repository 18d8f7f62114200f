/**
 * The least that one count of a model's unit may cost, in whatever class of service and region. It says how much a
 * quota of units is worth at least: calls worth an amount never use more units than the amount buys at this.
 */
import type { Database } from '#platform/database.ts';
import { type Fraction, ONE, parseMultiple } from './fraction.ts';
import { type PricedModel, priceInForce } from './price.ts';
import { COUNTS_PER_UNIT, type Unit } from './quantities.ts';
import { selectPricesOf } from './store.ts';
import { PRICE_TIERS, priceOfTier, termsOf } from './tier.ts';

export type LeastPrice = Readonly<{ unit: Unit; unitPico: bigint }>;

/**
 * Null where calls are charged in more than one unit, or in a way (packages, volume) in which a unit may
 * cost next to nothing. Pure. What costs nothing is left out: it takes nothing from a quota either.
 */
export function leastPrice(price: PricedModel): LeastPrice | null {
  const factor = leastFactor(price);
  let least: LeastPrice | null = null;
  for (const { unit, amountPico, perUnits, mode } of price.components) {
    if (BigInt(amountPico) === 0n) continue;
    if (mode === 'package' || mode === 'volume') return null;
    if (least !== null && least.unit !== unit) return null;
    const each = BigInt(amountPico) * factor.times;
    const counts: bigint = BigInt(perUnits) * BigInt(COUNTS_PER_UNIT[unit]);
    const unitPico: bigint = each / (counts * factor.dividedBy);
    if (unitPico === 0n) return null;
    if (least === null || unitPico < least.unitPico) least = { unit, unitPico };
  }
  return least;
}

/** Versions of one model that are looked through; more are published in an hour by nobody. */
const VERSIONS_MAX = 20;
/** Calls that are let in now may have been priced by what was in force when a gateway last heard. */
const LOOKBACK_MS = 10 * 60_000;

/** Of the versions in force now or a moment ago the lesser; null where one of them has none. */
export async function readLeastPrice(
  tx: Database,
  request: Readonly<{ modelId: string; currency: string; atMs: number }>,
): Promise<LeastPrice | null> {
  const { modelId, currency, atMs } = request;
  const versions = await selectPricesOf(tx, {
    modelIds: [modelId],
    beforeId: null,
    limit: VERSIONS_MAX,
  });
  const own = versions.filter((version) => version.currency === currency);
  const inForce = [priceInForce(own, atMs), priceInForce(own, atMs - LOOKBACK_MS)];
  let least: LeastPrice | null = null;
  for (const version of inForce) {
    if (version === null) continue;
    const found = leastPrice(version);
    if (found === null || (least !== null && least.unit !== found.unit)) return null;
    if (least === null || found.unitPico < least.unitPico) least = found;
  }
  return least;
}

function leastFactor(price: PricedModel): Fraction {
  const tiers = PRICE_TIERS.map((tier) => parseMultiple(termsOf(priceOfTier(price, tier)).times));
  const regions = Object.values(price.regions ?? {}).map(parseMultiple);
  const tier = [...tiers, ONE].reduce(lesser);
  const region = [...regions, ONE].reduce(lesser);
  return {
    times: tier.times * region.times,
    dividedBy: tier.dividedBy * region.dividedBy,
  };
}

function lesser(left: Fraction, right: Fraction): Fraction {
  return left.times * right.dividedBy <= right.times * left.dividedBy ? left : right;
}
