/** SQL of budgets and their alerts. Statements of tenants name the tenant; the watch looks over all of them. */
import { type Database, sql } from '#platform/database.ts';
import type { BudgetLevel } from './api.ts';
import type { Reached } from './alert.ts';
import type { PeriodUnit } from './span.ts';

export type BudgetRow = Readonly<{
  tenantId: string;
  id: string;
  name: string;
  level: BudgetLevel;
  scopeId: string;
  period: PeriodUnit;
  timeZone: string;
  currency: string;
  amountPico: bigint;
  thresholds: readonly number[];
  forecastThresholds: readonly number[];
  stops: boolean;
  createdAt: Date;
}>;

type Columns = Omit<BudgetRow, 'amountPico'> & Readonly<{ amount: string }>;

const columns = sql`tenant_id as "tenantId", id, name, level, scope_id as "scopeId", period,
  time_zone as "timeZone", currency, amount_pico as amount, thresholds,
  forecast_thresholds as "forecastThresholds", stops, created_at as "createdAt"`;

export async function upsertBudget(tx: Database, row: BudgetRow): Promise<void> {
  await sql`
    insert into budgets (tenant_id, id, name, level, scope_id, period, time_zone, currency,
      amount_pico, thresholds, forecast_thresholds, stops, created_at)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.level}, ${row.scopeId}, ${row.period},
      ${row.timeZone}, ${row.currency}, ${row.amountPico.toString()}::numeric,
      ${row.thresholds}::integer[], ${row.forecastThresholds}::integer[], ${row.stops},
      ${row.createdAt})
    on conflict (tenant_id, id) do update set name = excluded.name, level = excluded.level,
      scope_id = excluded.scope_id, period = excluded.period, time_zone = excluded.time_zone,
      amount_pico = excluded.amount_pico, thresholds = excluded.thresholds,
      forecast_thresholds = excluded.forecast_thresholds, stops = excluded.stops,
      checked_at = null`.execute(tx);
}

export async function selectBudgets(
  database: Database,
  query: Readonly<{ tenantId: string; limit: number }>,
): Promise<readonly BudgetRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from budgets
    where tenant_id = ${query.tenantId} order by id limit ${query.limit}`.execute(database);
  return rows.map(toBudget);
}

export async function selectBudget(
  database: Database,
  { tenantId, id }: Readonly<{ tenantId: string; id: string }>,
): Promise<BudgetRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from budgets
    where tenant_id = ${tenantId} and id = ${id}`.execute(database);
  return rows[0] === undefined ? null : toBudget(rows[0]);
}

/** Locks the tenant's row, so that two that make the last one cannot both find room. */
export async function countBudgetsLocked(tx: Database, tenantId: string): Promise<number> {
  await sql`select 1 from tenants where id = ${tenantId} for no key update`.execute(tx);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from budgets where tenant_id = ${tenantId}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function deleteBudget(
  tx: Database,
  { tenantId, id }: Readonly<{ tenantId: string; id: string }>,
): Promise<boolean> {
  const { rows } = await sql`delete from budgets
    where tenant_id = ${tenantId} and id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

/** Of every tenant: those that were looked at longest ago, marked as looked at now. */
export async function takeAllUnchecked(
  database: Database,
  query: Readonly<{ before: Date; now: Date; limit: number }>,
): Promise<readonly BudgetRow[]> {
  const { rows } = await sql<Columns>`
    update budgets b set checked_at = ${query.now}
    where (tenant_id, id) in (select tenant_id, id from budgets
      where checked_at is null or checked_at < ${query.before}
      order by checked_at nulls first limit ${query.limit})
      and (checked_at is null or checked_at < ${query.before})
    returning ${columns}`.execute(database);
  return rows.map(toBudget);
}

/** True for the first that says so in this period. */
export async function insertAlert(
  tx: Database,
  alert: Reached & Readonly<{ tenantId: string; budgetId: string; periodStart: Date; now: Date }>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into budget_alerts (tenant_id, budget_id, period_start, kind, percent, fired_at)
    values (${alert.tenantId}, ${alert.budgetId}, ${alert.periodStart}, ${alert.kind},
      ${alert.percent}, ${alert.now})
    on conflict do nothing returning percent`.execute(tx);
  return rows.length > 0;
}

function toBudget({ amount, ...row }: Columns): BudgetRow {
  return { ...row, amountPico: BigInt(amount) };
}
