/**
 * What a call cost us at an external provider. Pure, and the same arithmetic as prices: exact pico for each
 * unit of anything, disjoint buckets, the version that was in force when the call was admitted. A class of
 * service is ours, not the provider's, so it changes no cost.
 */
import { toComponents } from '#pricing/per-million.ts';
import { type PricedModel, priceInForce } from '#pricing/price.ts';
import type { Quantities, UnitCount } from '#pricing/quantities.ts';
import { rate } from '#pricing/rate.ts';
import { toVersionTerms } from '#pricing/terms.ts';
import type { CostAmounts } from './api.ts';
import type { CostRow } from './cost-store.ts';
import { fail } from './errors.ts';

export type CostInForce = Readonly<{ costId: string; costPico: bigint }>;

/** What is known of a call: `isServed` where it gave something, and so was a request that the provider counts. */
export type Costed = Readonly<{
  atMs: number;
  currency: string;
  isServed: boolean;
  usage: Quantities;
}>;

/** Null before the first version, and where the call was paid in another currency. */
export function costOf(versions: readonly CostRow[], call: Costed): CostInForce | null {
  const own = versions.filter(({ currency }) => currency === call.currency);
  const version = priceInForce(own.map(toPriced), call.atMs);
  if (version === null) return null;
  return { costId: version.priceId, costPico: rate(countedBy(version, call), version).amountPico };
}

/** The version in force, for a list. */
export function versionInForce(versions: readonly CostRow[], atMs: number): CostRow | null {
  const found = priceInForce(versions.map(toPriced), atMs);
  return versions.find(({ id }) => id === found?.priceId) ?? null;
}

/** Raises `provider.cost_incomplete`, `provider.cost_monthly` and what prices are refused with. */
export function componentsOf(amounts: CostAmounts): CostRow['components'] {
  const { inputPerMillion, outputPerMillion, rates } = amounts;
  if (rates !== undefined) {
    const read = rates.map((each) => ({ ...each, mode: each.mode ?? ('whole_request' as const) }));
    if (read.some(({ mode }) => mode !== 'whole_request')) {
      throw fail('provider.cost_monthly', 'A cost knows no tiers of a month.', { param: 'rates' });
    }
    return toVersionTerms({ rates: read, serviceTiers: {}, regions: {} }).components;
  }
  if (inputPerMillion === undefined || outputPerMillion === undefined) {
    throw fail('provider.cost_incomplete', 'Send what input and output cost, or `rates`.', {
      param: inputPerMillion === undefined ? 'inputPerMillion' : 'outputPerMillion',
    });
  }
  return toComponents({
    inputPerMillion,
    cacheReadPerMillion: amounts.cacheReadPerMillion ?? null,
    outputPerMillion,
    reasoningPerMillion: amounts.reasoningPerMillion ?? null,
  });
}

const ONE_REQUEST: UnitCount = { unit: 'request', direction: 'input', count: 1 };

/** Calls say that they were a request only where their price asks; the provider asks all the same. */
function countedBy({ components }: PricedModel, { usage, isServed }: Costed): Quantities {
  const { units = [] } = usage;
  const isAsked = components.some(({ unit }) => unit === 'request');
  const isSaid = units.some(({ unit }) => unit === 'request');
  if (!isAsked || isSaid || !isServed) return usage;
  return { ...usage, units: [...units, ONE_REQUEST] };
}

function toPriced(row: CostRow): PricedModel {
  return {
    priceId: row.id,
    modelId: row.providerModelId,
    currency: row.currency,
    effectiveFromMs: row.effectiveFrom.getTime(),
    components: row.components,
  };
}
