/** A budget that stops sets the limit that gateways keep; what was limited there otherwise stays. */
import { formatAmount } from '#ledger/money.ts';
import type { LimitSet } from '#limits/api.ts';
import type { Limits } from '#limits/limits.ts';
import type { Principal } from '#tenancy/principal.ts';
import { fail } from './errors.ts';
import type { BudgetRow } from './store.ts';

/** Raises `budget.stop_impossible`, and what limits raise: `access.denied`, `limit.not_yours`. */
export async function stopAt(
  limits: Pick<Limits, 'list' | 'set'>,
  principal: Principal,
  { level, scopeId, period, timeZone, amountPico }: BudgetRow,
): Promise<void> {
  if (level === 'model' || level === 'tag' || period === 'week') {
    throw fail(
      'budget.stop_impossible',
      'Calls can be stopped for a tenant, a project or a key, by the day or the month.',
      { param: 'stops' },
    );
  }
  const known = await limits.list(principal, undefined);
  const zone = known.find((limit) => limit.level === 'tenant')?.timeZone ?? 'UTC';
  if (level !== 'tenant' && zone !== timeZone) {
    throw fail(
      'budget.stop_impossible',
      `Limits of this tenant count by the clocks of ${zone}. Give the budget that time zone, or change it at the tenant's limit.`,
      { param: 'timeZone' },
    );
  }
  const before = known.find((limit) => limit.level === level && limit.scopeId === scopeId);
  const amount = formatAmount(amountPico);
  const kept: LimitSet = before === undefined ? {} : definitionOf(before);
  const stop: LimitSet = period === 'day' ? { dailyBudget: amount } : { monthlyBudget: amount };
  const clocks: LimitSet = level === 'tenant' ? { timeZone } : {};
  await limits.set(principal, { level, scopeId }, { ...kept, ...clocks, ...stop });
}

function definitionOf(limit: Awaited<ReturnType<Limits['list']>>[number]): LimitSet {
  const { level: _, scopeId: _id, name: _name, tenantId: _tenant, use: _use, ...rest } = limit;
  const { updatedAt: _at, ...definition } = rest;
  return definition;
}
