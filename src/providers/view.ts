/** Rows as the public shapes. Pure. */
import { toPerMillion } from '#pricing/per-million.ts';
import { toTerms } from '#pricing/terms.ts';
import type { Provider, ProviderCost, ProviderModel } from './api.ts';
import type { CostRow } from './cost-store.ts';
import type { ProviderModelRow } from './model-store.ts';
import type { ProviderRow } from './store.ts';

export function showProvider(row: ProviderRow, models: ProviderModel[]): Provider {
  const { tenantId: _tenant, keyVersion: _version, ...shown } = row;
  return {
    ...shown,
    testedAt: row.testedAt?.toISOString() ?? null,
    models,
    createdAt: row.createdAt.toISOString(),
  };
}

/** `cost` is null where there is none, or where the viewer may not see it. */
export function showModel(row: ProviderModelRow, cost: CostRow | null): ProviderModel {
  const { tenantId: _tenant, modelId: _model, ...shown } = row;
  return {
    ...shown,
    capabilities: [...row.capabilities],
    cost: cost === null ? null : showCost(cost),
    createdAt: row.createdAt.toISOString(),
  };
}

export function showCost(row: CostRow): ProviderCost {
  return {
    id: row.id,
    currency: row.currency,
    effectiveFrom: row.effectiveFrom.toISOString(),
    ...toPerMillion(row.components),
    rates: toTerms({ components: row.components }).rates,
  };
}
