/** SQL of free quotas and the rules they are given by. What they pay is in purse-store.ts. */
import { type Database, sql } from '#platform/database.ts';
import type { FreeQuota } from './api.ts';

export type QuotaUnit = FreeQuota['unit'];

export type QuotaRule = Readonly<{
  modelId: string;
  modelName: string;
  unit: QuotaUnit;
  units: bigint;
  validDays: number | null;
  updatedAt: Date;
}>;

type RuleRow = Omit<QuotaRule, 'units'> & Readonly<{ units: string }>;

/** A rule for each model there is, and then some. */
const RULES_MAX = 10_000;

export async function selectRules(database: Database): Promise<readonly QuotaRule[]> {
  const { rows } = await sql<RuleRow>`
    select model_id as "modelId", model_name as "modelName", unit, units,
      valid_days as "validDays", updated_at as "updatedAt"
    from free_quota_rules order by model_name, unit limit ${RULES_MAX}`.execute(database);
  return rows.map(({ units, ...row }) => ({ ...row, units: BigInt(units) }));
}

export async function upsertRule(
  tx: Database,
  rule: QuotaRule & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  await sql`
    insert into free_quota_rules (model_id, unit, model_name, units, valid_days, created_by, updated_at)
    values (${rule.modelId}, ${rule.unit}, ${rule.modelName}, ${rule.units.toString()}::numeric,
      ${rule.validDays}, ${rule.createdBy}, ${rule.updatedAt})
    on conflict (model_id, unit) do update set model_name = excluded.model_name,
      units = excluded.units, valid_days = excluded.valid_days, created_by = excluded.created_by,
      updated_at = excluded.updated_at`.execute(tx);
}

export async function deleteRule(
  tx: Database,
  rule: Readonly<{ modelId: string; unit: QuotaUnit }>,
): Promise<void> {
  await sql`delete from free_quota_rules
    where model_id = ${rule.modelId} and unit = ${rule.unit}`.execute(tx);
}

export type StoredQuota = Readonly<{
  tenantId: string;
  id: string;
  modelId: string;
  modelName: string;
  unit: QuotaUnit;
  units: bigint;
  usedUnits: bigint;
  startsAt: Date;
  expiresAt: Date | null;
}>;

type QuotaRow = Omit<StoredQuota, 'units' | 'usedUnits'> &
  Readonly<{ units: string; used: string }>;

export async function selectQuotas(
  database: Database,
  tenantId: string,
): Promise<readonly StoredQuota[]> {
  const { rows } = await sql<QuotaRow>`
    select tenant_id as "tenantId", id, model_id as "modelId", model_name as "modelName", unit,
      units, used_units as used, starts_at as "startsAt", expires_at as "expiresAt"
    from free_quotas where tenant_id = ${tenantId}
    order by model_name, unit limit ${RULES_MAX}`.execute(database);
  return rows.map(({ units, used, ...row }) => ({
    ...row,
    units: BigInt(units),
    usedUnits: BigInt(used),
  }));
}

/** What the tenant has already is left as it is. */
export async function insertQuotas(
  tx: Database,
  quotas: readonly Omit<StoredQuota, 'usedUnits'>[],
): Promise<void> {
  if (quotas.length === 0) return;
  await sql`
    insert into free_quotas (tenant_id, id, model_id, model_name, unit, units, starts_at,
      expires_at, created_at)
    select tenant_id, id, model_id, model_name, unit, units, starts_at, expires_at, starts_at
    from unnest(
      ${quotas.map(({ tenantId }) => tenantId)}::text[],
      ${quotas.map(({ id }) => id)}::text[],
      ${quotas.map(({ modelId }) => modelId)}::text[],
      ${quotas.map(({ modelName }) => modelName)}::text[],
      ${quotas.map(({ unit }) => unit)}::text[],
      ${quotas.map(({ units }) => units.toString())}::numeric[],
      ${quotas.map(({ startsAt }) => startsAt)}::timestamptz[],
      ${quotas.map(({ expiresAt }) => expiresAt)}::timestamptz[]
    ) as new (tenant_id, id, model_id, model_name, unit, units, starts_at, expires_at)
    on conflict (tenant_id, model_id, unit) do nothing`.execute(tx);
}

export async function updateFreeOnly(
  tx: Database,
  setting: Readonly<{ tenantId: string; isFreeOnly: boolean }>,
): Promise<void> {
  await sql`update credit_tenants set is_free_only = ${setting.isFreeOnly}
    where tenant_id = ${setting.tenantId}`.execute(tx);
}

export async function selectFreeOnly(database: Database, tenantId: string): Promise<boolean> {
  const { rows } = await sql<{ isFreeOnly: boolean }>`
    select is_free_only as "isFreeOnly" from credit_tenants
    where tenant_id = ${tenantId}`.execute(database);
  return rows[0]?.isFreeOnly ?? false;
}
