/** Limits as the API shows them: with the names of what they limit, and how much of each is in use. */
import type { Database } from '#platform/database.ts';
import { formatAmount } from '#ledger/money.ts';
import type { Limit } from './api.ts';
import { type StoredLimit, limitOf, presentBudget } from './definition.ts';
import type { Metric } from './metric.ts';
import { periodOf } from './period.ts';
import type { ScopeNames } from './scope.ts';
import { selectUse } from './share-store.ts';
import { timeZoneOf } from './shares.ts';
import { selectSpent } from './spending-store.ts';
import { selectLimitsOf } from './store.ts';

export type PresentParts = Readonly<{ database: Database; names: ScopeNames; nowMs: number }>;

export async function presentLimits(
  parts: PresentParts,
  tenantId: string,
  limits: readonly StoredLimit[],
): Promise<readonly Limit[]> {
  const { database, nowMs } = parts;
  const used = new Map<string, bigint>();
  for (const row of await selectUse(database, { tenantId, nowMs })) {
    used.set(`${row.level} ${row.scopeId} ${row.metric}`, row.used);
  }
  const timeZone = timeZoneOf(await selectLimitsOf(database, { tenantId, scopeIds: [tenantId] }));
  const presented: Limit[] = [];
  for (const limit of limits) {
    const { level, scopeId } = limit;
    const usedOf = (metric: Metric): number =>
      Number(used.get(`${level} ${scopeId} ${metric}`) ?? 0n);
    const { updatedAt, dailyBudgetPico, monthlyBudgetPico, models, regions, networks, ...rest } =
      limit;
    presented.push({
      ...rest,
      name: await nameOf(parts.names, limit),
      models: copyOf(models),
      regions: copyOf(regions),
      networks: copyOf(networks),
      dailyBudget: presentBudget(dailyBudgetPico),
      monthlyBudget: presentBudget(monthlyBudgetPico),
      use: {
        requestsPerSecond: usedOf('requests_per_second'),
        requestsPerMinute: usedOf('requests_per_minute'),
        tokensPerMinute: usedOf('tokens_per_minute'),
        concurrency: usedOf('concurrency'),
        dailyBudget: await spentIn(parts, limit, 'daily_budget', timeZone),
        monthlyBudget: await spentIn(parts, limit, 'monthly_budget', timeZone),
      },
      updatedAt: updatedAt.toISOString(),
    });
  }
  return presented;
}

async function spentIn(
  { database, nowMs }: PresentParts,
  limit: StoredLimit,
  metric: 'daily_budget' | 'monthly_budget',
  timeZone: string,
): Promise<string> {
  if (limitOf(limit, metric) === null) return '0';
  const unit = metric === 'daily_budget' ? 'day' : 'month';
  const { startMs, endMs } = periodOf(unit, nowMs, timeZone);
  return formatAmount(await selectSpent(database, { ...limit, fromMs: startMs, toMs: endMs }));
}

async function nameOf(
  names: ScopeNames,
  { tenantId, level, scopeId }: StoredLimit,
): Promise<string> {
  // What was removed since may still have its limit; then its id has to do.
  if (level === 'project') return (await names.project(tenantId, scopeId))?.name ?? scopeId;
  if (level === 'key') return (await names.key(tenantId, scopeId))?.name ?? scopeId;
  return (await names.tenant(tenantId))?.name ?? scopeId;
}

function copyOf(names: readonly string[] | null): string[] | null {
  return names === null ? null : [...names];
}
