/**
 * What a call cost us at an external provider. Pure, and the same arithmetic as prices: exact pico per
 * token, disjoint buckets, the version that was in force when the call was admitted.
 */
import { toComponents } from '#pricing/per-million.ts';
import { type PricedModel, priceInForce } from '#pricing/price.ts';
import type { Quantities } from '#pricing/quantities.ts';
import { rate } from '#pricing/rate.ts';
import type { CostAmounts } from './api.ts';
import type { CostRow } from './cost-store.ts';

export type CostInForce = Readonly<{ costId: string; costPico: bigint }>;

/** Null before the first version. */
export function costOf(
  versions: readonly CostRow[],
  call: Readonly<{ atMs: number; usage: Quantities }>,
): CostInForce | null {
  const version = priceInForce(versions.map(toPriced), call.atMs);
  if (version === null) return null;
  return { costId: version.priceId, costPico: rate(call.usage, version).amountPico };
}

/** The version in force, for a list. */
export function versionInForce(versions: readonly CostRow[], atMs: number): CostRow | null {
  const found = priceInForce(versions.map(toPriced), atMs);
  return versions.find(({ id }) => id === found?.priceId) ?? null;
}

/** Pico per token. Raises what prices are refused with. */
export function toPerToken(
  amounts: CostAmounts,
): Pick<CostRow, 'inputPico' | 'cacheReadPico' | 'outputPico' | 'reasoningPico'> {
  const components = toComponents({
    inputPerMillion: amounts.inputPerMillion,
    cacheReadPerMillion: amounts.cacheReadPerMillion ?? null,
    outputPerMillion: amounts.outputPerMillion,
    reasoningPerMillion: amounts.reasoningPerMillion ?? null,
  });
  const of = (direction: string): string | null => {
    const found = components.find((component) => component.direction === direction);
    if (found === undefined) return null;
    return (BigInt(found.amountPico) / BigInt(found.perUnits)).toString();
  };
  return {
    inputPico: of('input') ?? '0',
    cacheReadPico: of('cache_read'),
    outputPico: of('output') ?? '0',
    reasoningPico: of('reasoning'),
  };
}

function toPriced(row: CostRow): PricedModel {
  const per = (direction: 'input' | 'cache_read' | 'output' | 'reasoning', pico: string | null) =>
    pico === null ? [] : [{ unit: 'token' as const, direction, amountPico: pico, perUnits: 1 }];
  return {
    priceId: row.id,
    modelId: row.providerModelId,
    currency: row.currency,
    effectiveFromMs: row.effectiveFrom.getTime(),
    components: [
      ...per('input', row.inputPico),
      ...per('cache_read', row.cacheReadPico),
      ...per('output', row.outputPico),
      ...per('reasoning', row.reasoningPico),
    ],
  };
}
