/** What provider models cost us: recorded by the operator, read for reports, applied to calls. */
import { isUniqueViolation } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import type { ProviderCost } from './api.ts';
import { type CostInForce, componentsOf, costOf } from './cost.ts';
import { type CostRow, insertCost, selectCosts } from './cost-store.ts';
import { fail } from './errors.ts';
import { selectModel } from './model-store.ts';
import type { CostedCall, NewCostWish, Owner, ProviderParts, Providers } from './providers.ts';
import { showCost } from './view.ts';

/** A client that says "from now" is a moment behind by the time it is read. */
const PAST_TOLERANCE_MS = 60_000;

export function costCalls({ database, clock }: Pick<ProviderParts, 'database' | 'clock'>) {
  /** Checked before anything is written, so that a model is never added without the cost it came with. */
  const prepare = (owner: Owner, wish: NewCostWish): Omit<CostRow, 'providerModelId'> => {
    refuseOthers(owner);
    const nowMs = clock.nowMs();
    const effectiveFromMs = wish.effectiveFromMs ?? nowMs;
    if (effectiveFromMs < nowMs - PAST_TOLERANCE_MS) {
      throw fail('provider.cost_denied', 'A cost begins now or later; calls made are recorded.', {
        param: 'effectiveFrom',
      });
    }
    return {
      id: createId('cst', nowMs),
      currency: wish.currency ?? DEFAULT_CURRENCY,
      effectiveFrom: new Date(Math.max(effectiveFromMs, nowMs)),
      components: componentsOf(wish),
    };
  };

  const insert = async (owner: Owner, cost: CostRow, createdBy: string | null): Promise<void> => {
    const { tenantId } = owner;
    try {
      await insertCost(database, { ...cost, tenantId, createdBy, createdAtMs: clock.nowMs() });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw fail('provider.cost_exists', 'Another cost begins at the very same instant.', {
        param: 'effectiveFrom',
        cause: error,
      });
    }
  };

  const addCost: Providers['addCost'] = async (owner, key, wish) => {
    await requireModel(owner, key);
    const cost = { ...prepare(owner, wish), providerModelId: key.modelId };
    await insert(owner, cost, wish.createdBy);
    return showCost(cost);
  };

  const listCosts = async (
    owner: Owner,
    key: Parameters<Providers['listCosts']>[1],
  ): Promise<readonly ProviderCost[]> => {
    await requireModel(owner, key);
    if (!owner.isOperator) return [];
    return (await selectCosts(database, [key.modelId])).map(showCost);
  };

  async function requireModel(
    { tenantId }: Owner,
    { providerId, modelId: id }: Parameters<Providers['listCosts']>[1],
  ): Promise<void> {
    if ((await selectModel(database, { tenantId, providerId, id })) !== null) return;
    throw fail('provider.model_unknown', `This provider serves no model ${id} here.`);
  }

  const costsOf = async (
    calls: readonly CostedCall[],
  ): Promise<readonly (CostInForce | null)[]> => {
    const ids = [...new Set(calls.flatMap(({ deploymentId }) => deploymentId ?? []))];
    if (ids.length === 0) return calls.map(() => null);
    const rows = await selectCosts(database, ids);
    const versions = Map.groupBy(rows, ({ providerModelId }) => providerModelId);
    return calls.map((call) => costOf(versions.get(call.deploymentId ?? '') ?? [], call));
  };

  return { prepare, insert, addCost, listCosts, costsOf };
}

/** A tenant that brings its own key pays its provider itself: that is no cost of this cloud. */
function refuseOthers({ isOperator }: Owner): void {
  if (isOperator) return;
  throw fail('provider.cost_denied', 'Only the operator records what providers cost.', {
    param: 'cost',
  });
}
