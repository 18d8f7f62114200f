/** SQL of what is limited. Every statement names the tenant, but for the feed's list of changes. */
import { type Database, sql } from '#platform/database.ts';
import type { Level } from './api.ts';
import type { Definition, Scope, StoredLimit } from './definition.ts';

type LimitRow = Readonly<{
  tenantId: string;
  level: Level;
  scopeId: string;
  requestsPerSecond: number | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrency: number | null;
  dailyBudgetPico: string | null;
  monthlyBudgetPico: string | null;
  models: string[] | null;
  regions: string[] | null;
  networks: string[] | null;
  timeZone: string | null;
  updatedAt: Date;
}>;

const columns = sql`tenant_id as "tenantId", level, scope_id as "scopeId",
  requests_per_second as "requestsPerSecond", requests_per_minute as "requestsPerMinute",
  tokens_per_minute as "tokensPerMinute", concurrency, daily_budget_pico as "dailyBudgetPico",
  monthly_budget_pico as "monthlyBudgetPico", models, regions, networks, time_zone as "timeZone",
  updated_at as "updatedAt"`;

/** The operator's ceiling first, then the tenant, its projects and its keys. */
export async function selectLimits(
  database: Database,
  query: Readonly<{ tenantId: string; limit: number }>,
): Promise<readonly StoredLimit[]> {
  const { rows } = await sql<LimitRow>`select ${columns} from limits
    where tenant_id = ${query.tenantId}
    order by array_position(array['platform', 'tenant', 'project', 'key'], level), scope_id
    limit ${query.limit}`.execute(database);
  return rows.map(toLimit);
}

/** Of these scopes of a tenant, whatever their level. */
export async function selectLimitsOf(
  database: Database,
  query: Readonly<{ tenantId: string; scopeIds: readonly string[] }>,
): Promise<readonly StoredLimit[]> {
  const { rows } = await sql<LimitRow>`select ${columns} from limits
    where tenant_id = ${query.tenantId} and scope_id = any(${query.scopeIds}::text[])
    order by array_position(array['platform', 'tenant', 'project', 'key'], level)`.execute(
    database,
  );
  return rows.map(toLimit);
}

export async function countLimits(tx: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from limits where tenant_id = ${tenantId}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function upsertLimit(
  tx: Database,
  limit: Scope & Definition & Readonly<{ updatedAt: Date }>,
): Promise<void> {
  await sql`
    insert into limits (tenant_id, level, scope_id, requests_per_second, requests_per_minute,
      tokens_per_minute, concurrency, daily_budget_pico, monthly_budget_pico, models, regions,
      networks, time_zone, updated_at)
    values (${limit.tenantId}, ${limit.level}, ${limit.scopeId}, ${limit.requestsPerSecond},
      ${limit.requestsPerMinute}, ${limit.tokensPerMinute}, ${limit.concurrency},
      ${limit.dailyBudgetPico?.toString() ?? null}::numeric,
      ${limit.monthlyBudgetPico?.toString() ?? null}::numeric, ${limit.models}::text[],
      ${limit.regions}::text[], ${limit.networks}::text[], ${limit.timeZone}, ${limit.updatedAt})
    on conflict (tenant_id, level, scope_id) do update set
      requests_per_second = excluded.requests_per_second,
      requests_per_minute = excluded.requests_per_minute,
      tokens_per_minute = excluded.tokens_per_minute, concurrency = excluded.concurrency,
      daily_budget_pico = excluded.daily_budget_pico,
      monthly_budget_pico = excluded.monthly_budget_pico, models = excluded.models,
      regions = excluded.regions, networks = excluded.networks, time_zone = excluded.time_zone,
      updated_at = excluded.updated_at`.execute(tx);
}

export async function deleteLimit(tx: Database, scope: Scope): Promise<boolean> {
  const { rows } = await sql<{ level: string }>`delete from limits
    where tenant_id = ${scope.tenantId} and level = ${scope.level} and scope_id = ${scope.scopeId}
    returning level`.execute(tx);
  return rows.length > 0;
}

/** Moves the tenant's version, and by its trigger the feed's. */
export async function bumpVersion(
  tx: Database,
  change: Readonly<{ tenantId: string; now: Date }>,
): Promise<void> {
  await sql`
    insert into limit_versions (tenant_id, version, changed_at)
    values (${change.tenantId}, 1, ${change.now})
    on conflict (tenant_id) do update
      set version = limit_versions.version + 1, changed_at = excluded.changed_at`.execute(tx);
}

export async function selectVersion(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select version from limit_versions where tenant_id = ${tenantId}`.execute(database);
  return rows[0]?.version ?? 0;
}

export async function selectAllVersionsSince(
  database: Database,
  since: Date,
): Promise<readonly Readonly<{ tenantId: string; version: number }>[]> {
  const { rows } = await sql<{ tenantId: string; version: number }>`
    select tenant_id as "tenantId", version from limit_versions
    where changed_at >= ${since} order by tenant_id`.execute(database);
  return rows;
}

function toLimit(row: LimitRow): StoredLimit {
  const { dailyBudgetPico, monthlyBudgetPico } = row;
  return {
    ...row,
    dailyBudgetPico: dailyBudgetPico === null ? null : BigInt(dailyBudgetPico),
    monthlyBudgetPico: monthlyBudgetPico === null ? null : BigInt(monthlyBudgetPico),
  };
}
