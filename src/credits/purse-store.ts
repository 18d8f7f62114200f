/** SQL of what may pay for calls: read and written under the tenant's lock, whole batches at a time. */
import { type Database, sql } from '#platform/database.ts';
import type { Allowance, AllowanceUnit, AtEnd, WindowAllowance } from './allowance.ts';
import type { Product } from './charge.ts';
import type { Drawn } from './deduction.ts';
import type { Grant, Origin } from './grant.ts';
import type { Quota } from './quota.ts';
import type { WindowPeriod } from './window.ts';

export type TenantState = Readonly<{ tenantId: string; isFreeOnly: boolean }>;

/** Locks those that have anything here, in one order for everybody. The others have nothing but cash. */
export async function lockTenants(
  tx: Database,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, TenantState>> {
  const { rows } = await sql<TenantState>`
    select tenant_id as "tenantId", is_free_only as "isFreeOnly" from credit_tenants
    where tenant_id = any(${tenantIds}::text[])
    order by tenant_id collate "C" for update`.execute(tx);
  return new Map(rows.map((row) => [row.tenantId, row]));
}

/** Makes the row that is the lock. Raises a foreign key violation for a tenant that does not exist. */
export async function ensureTenant(tx: Database, tenantId: string): Promise<void> {
  await sql`insert into credit_tenants (tenant_id) values (${tenantId})
    on conflict do nothing`.execute(tx);
}

/** Of tenants, at times between the two; both inclusive. */
export type PurseQuery = Readonly<{
  tenantIds: readonly string[];
  fromMs: number;
  toMs: number;
}>;

type GrantRow = Readonly<{
  tenantId: string;
  id: string;
  origin: Origin;
  currency: string;
  remaining: string;
  shareBasisPoints: number;
  priority: number;
  modelIds: string[] | null;
  projectId: string | null;
  product: Product | null;
  startsAt: Date;
  expiresAt: Date | null;
  createdAt: Date;
  isRevoked: boolean;
}>;

/** Also those that began later: a lease that has grown may hold of them for a call that was let in before. */
export async function selectGrantsToSpend(
  tx: Database,
  { tenantIds, fromMs }: PurseQuery,
): Promise<readonly Grant[]> {
  const { rows } = await sql<GrantRow>`
    select tenant_id as "tenantId", id, origin, currency, remaining_pico as remaining,
      share_basis_points as "shareBasisPoints", priority, model_ids as "modelIds",
      project_id as "projectId", product, starts_at as "startsAt", expires_at as "expiresAt",
      created_at as "createdAt", is_revoked as "isRevoked"
    from grants
    where tenant_id = any(${tenantIds}::text[]) and state = 'active' and remaining_pico > 0
      and (expires_at is null or expires_at > ${new Date(fromMs)})
    order by tenant_id, id`.execute(tx);
  return rows.map(({ remaining, modelIds, projectId, product, ...row }) => ({
    tenantId: row.tenantId,
    id: row.id,
    origin: row.origin,
    currency: row.currency,
    remainingPico: BigInt(remaining),
    shareBasisPoints: row.shareBasisPoints,
    priority: row.priority,
    scope: { modelIds, projectId, product },
    startsAtMs: row.startsAt.getTime(),
    expiresAtMs: row.expiresAt?.getTime() ?? null,
    createdAtMs: row.createdAt.getTime(),
    isRevoked: row.isRevoked,
  }));
}

type QuotaRow = Readonly<{
  tenantId: string;
  id: string;
  modelId: string;
  modelName: string;
  unit: string;
  units: string;
  used: string;
  startsAt: Date;
  expiresAt: Date | null;
}>;

export async function selectQuotasToUse(
  tx: Database,
  { tenantIds, fromMs, toMs }: PurseQuery,
): Promise<readonly Quota[]> {
  const { rows } = await sql<QuotaRow>`
    select tenant_id as "tenantId", id, model_id as "modelId", model_name as "modelName", unit,
      units, used_units as used, starts_at as "startsAt", expires_at as "expiresAt"
    from free_quotas
    where tenant_id = any(${tenantIds}::text[]) and used_units < units
      and starts_at <= ${new Date(toMs)} and (expires_at is null or expires_at > ${new Date(fromMs)})
    order by tenant_id, id`.execute(tx);
  return rows.map(({ units, used, startsAt, expiresAt, ...row }) => ({
    ...row,
    units: BigInt(units),
    usedUnits: BigInt(used),
    startsAtMs: startsAt.getTime(),
    expiresAtMs: expiresAt?.getTime() ?? null,
  }));
}

type AllowanceRow = Readonly<{
  tenantId: string;
  subscriptionId: string;
  modelIds: string[] | null;
  unit: AllowanceUnit;
  atEnd: AtEnd;
  currency: string;
  startedAt: Date;
  endsAt: Date;
  terms: readonly Readonly<{ period: WindowPeriod; allowance: string }>[];
}>;

/**
 * A period that has ended goes on for a moment, until it is renewed or not: nobody should be refused because
 * a clock struck. What is used of the next period then counts in its windows.
 */
const RENEWAL_GRACE_MS = 5 * 60_000;

export async function selectAllowances(
  tx: Database,
  { tenantIds, fromMs, toMs }: PurseQuery,
): Promise<readonly Allowance[]> {
  const { rows } = await sql<AllowanceRow>`
    select s.tenant_id as "tenantId", s.id as "subscriptionId", p.model_ids as "modelIds", p.unit,
      p.at_end as "atEnd", p.currency, s.started_at as "startedAt",
      case when s.state = 'ended' then s.ended_at
        when s.state = 'past_due' or s.ends_at_period_end then s.period_end
        else s.period_end + ${RENEWAL_GRACE_MS} * interval '1 millisecond' end as "endsAt",
      (select jsonb_agg(jsonb_build_object('period', w.period, 'allowance', w.allowance::text)
        order by w.period) from plan_windows w where w.plan_id = p.id) as terms
    from subscriptions s join plans p on p.id = s.plan_id
    where s.tenant_id = any(${tenantIds}::text[]) and s.started_at <= ${new Date(toMs)}
      and (s.state <> 'ended' or s.ended_at > ${new Date(fromMs)})
    order by s.tenant_id, s.id`.execute(tx);
  const windows = await selectWindows(tx, { tenantIds, fromMs, toMs });
  return rows.map(({ startedAt, endsAt, terms, ...row }) => ({
    ...row,
    anchorMs: startedAt.getTime(),
    endsAtMs: endsAt.getTime(),
    terms: terms.map((each): WindowAllowance => ({
      period: each.period,
      allowance: BigInt(each.allowance),
    })),
    windows: windows.filter(({ subscriptionId }) => subscriptionId === row.subscriptionId),
  }));
}

type WindowRow = Readonly<{
  subscriptionId: string;
  period: WindowPeriod;
  startsAt: Date;
  endsAt: Date;
  allowance: string;
  used: string;
}>;

async function selectWindows(tx: Database, { tenantIds, fromMs, toMs }: PurseQuery) {
  const { rows } = await sql<WindowRow>`
    select subscription_id as "subscriptionId", period, starts_at as "startsAt",
      ends_at as "endsAt", allowance, used
    from subscription_windows
    where tenant_id = any(${tenantIds}::text[])
      and ends_at > ${new Date(fromMs)} and starts_at <= ${new Date(toMs)}`.execute(tx);
  return rows.map(({ startsAt, endsAt, allowance, used, ...row }) => ({
    ...row,
    startMs: startsAt.getTime(),
    endMs: endsAt.getTime(),
    allowance: BigInt(allowance),
    used: BigInt(used),
  }));
}

/** Under the tenants' locks, so what was read is what is there. */
export async function saveDrawn(
  tx: Database,
  tenantIds: readonly string[],
  { grants, quotas, windows }: Drawn,
): Promise<void> {
  if (grants.size > 0) {
    await sql`update grants g set remaining_pico = g.remaining_pico - drawn.amount
      from unnest(${[...grants.keys()]}::text[], ${[...grants.values()].map(String)}::numeric[])
        as drawn (id, amount)
      where g.id = drawn.id and g.tenant_id = any(${tenantIds}::text[])`.execute(tx);
  }
  if (quotas.size > 0) {
    await sql`update free_quotas q set used_units = q.used_units + drawn.units
      from unnest(${[...quotas.keys()]}::text[], ${[...quotas.values()].map(String)}::numeric[])
        as drawn (id, units)
      where q.id = drawn.id and q.tenant_id = any(${tenantIds}::text[])`.execute(tx);
  }
  if (windows.length === 0) return;
  await sql`
    insert into subscription_windows
      (tenant_id, subscription_id, period, starts_at, ends_at, allowance, used, over)
    select * from unnest(
      ${windows.map(({ tenantId }) => tenantId)}::text[],
      ${windows.map(({ subscriptionId }) => subscriptionId)}::text[],
      ${windows.map(({ period }) => period)}::text[],
      ${windows.map(({ startMs }) => new Date(startMs))}::timestamptz[],
      ${windows.map(({ endMs }) => new Date(endMs))}::timestamptz[],
      ${windows.map(({ allowance }) => allowance.toString())}::numeric[],
      ${windows.map(({ used }) => used.toString())}::numeric[],
      ${windows.map(({ over }) => over.toString())}::numeric[]
    )
    on conflict (tenant_id, subscription_id, period, starts_at) do update
      set used = excluded.used, over = subscription_windows.over + excluded.over`.execute(tx);
}
