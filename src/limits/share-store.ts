/** SQL of shares: which part of each limit every gateway holds. */
import { type Database, sql } from '#platform/database.ts';
import type { Scope } from './definition.ts';
import { METRICS, type Metric, graceMsOf, isBudget } from './metric.ts';

export type MeterAddress = Scope & Readonly<{ metric: Metric }>;

export type Share = Readonly<{
  id: string;
  gatewayId: string;
  amount: bigint;
  used: bigint;
  settled: bigint;
  reportedAt: Date;
  expiresAt: Date;
}>;

type ShareRow = Readonly<{
  id: string;
  gatewayId: string;
  amount: string;
  used: string;
  settled: string;
  reportedAt: Date;
  expiresAt: Date;
}>;

const columns = sql`id, gateway_id as "gatewayId", amount, used, settled,
  reported_at as "reportedAt", expires_at as "expiresAt"`;

const atMeter = ({ tenantId, level, scopeId, metric }: MeterAddress) => sql`
  tenant_id = ${tenantId} and level = ${level} and scope_id = ${scopeId} and metric = ${metric}`;

/** Shares of one meter are handed out one at a time. */
export async function lockMeter(tx: Database, meter: MeterAddress): Promise<void> {
  await sql`insert into limit_meters (tenant_id, level, scope_id, metric)
    values (${meter.tenantId}, ${meter.level}, ${meter.scopeId}, ${meter.metric})
    on conflict do nothing`.execute(tx);
  await sql`select 1 from limit_meters where ${atMeter(meter)} for update`.execute(tx);
}

/** All that count, those of gateways that are gone too. */
export async function selectOpenShares(
  database: Database,
  meter: MeterAddress,
): Promise<readonly Share[]> {
  const { rows } = await sql<ShareRow>`select ${columns} from limit_shares
    where ${atMeter(meter)} and state = 'open' order by id`.execute(database);
  return rows.map(toShare);
}

/** Closes what no longer counts: a while past its end, or a budget's share whose spending is in the books. */
export async function closeEnded(tx: Database, meter: MeterAddress, nowMs: number): Promise<void> {
  const over = new Date(nowMs - graceMsOf(meter.metric));
  await sql`update limit_shares set closed_at = ${new Date(nowMs)},
      state = case when expires_at <= ${over} then 'expired' else 'released' end
    where ${atMeter(meter)} and state = 'open' and (expires_at <= ${over}
      or (expires_at <= ${new Date(nowMs)} and settled >= amount))`.execute(tx);
}

export async function insertShare(
  tx: Database,
  share: MeterAddress &
    Readonly<{
      id: string;
      gatewayId: string;
      amount: bigint;
      used: bigint;
      nowMs: number;
      expiresAtMs: number;
    }>,
): Promise<void> {
  await sql`insert into limit_shares (tenant_id, id, level, scope_id, metric, gateway_id, amount,
      used, created_at, reported_at, expires_at)
    values (${share.tenantId}, ${share.id}, ${share.level}, ${share.scopeId}, ${share.metric},
      ${share.gatewayId}, ${share.amount.toString()}::numeric, ${share.used.toString()}::numeric,
      ${new Date(share.nowMs)}, ${new Date(share.nowMs)}, ${new Date(share.expiresAtMs)})`.execute(
    tx,
  );
}

export async function updateShare(
  tx: Database,
  share: Readonly<{
    id: string;
    amount: bigint;
    used: bigint;
    nowMs: number;
    expiresAtMs: number;
  }>,
): Promise<void> {
  await sql`update limit_shares
    set amount = ${share.amount.toString()}::numeric, used = ${share.used.toString()}::numeric,
      reported_at = ${new Date(share.nowMs)}, expires_at = ${new Date(share.expiresAtMs)}
    where id = ${share.id} and state = 'open'`.execute(tx);
}

export async function closeShare(
  tx: Database,
  share: Readonly<{ id: string; nowMs: number }>,
): Promise<void> {
  await sql`update limit_shares set state = 'released', closed_at = ${new Date(share.nowMs)}
    where id = ${share.id} and state = 'open'`.execute(tx);
}

/**
 * What a gateway that starts finds of its predecessor: it is over now, and counts for its while. What
 * ran there runs no more. Names the shares of budgets, which wait for its journal.
 */
export async function endSharesOfGateway(
  tx: Database,
  { gatewayId, nowMs }: Readonly<{ gatewayId: string; nowMs: number }>,
): Promise<readonly string[]> {
  const now = new Date(nowMs);
  await sql`update limit_shares set state = 'released', closed_at = ${now}
    where gateway_id = ${gatewayId} and state = 'open' and metric = 'concurrency'`.execute(tx);
  const { rows } = await sql<{ id: string; metric: Metric }>`
    update limit_shares set expires_at = least(expires_at, ${now})
    where gateway_id = ${gatewayId} and state = 'open' returning id, metric`.execute(tx);
  return rows.filter(({ metric }) => isBudget(metric)).map(({ id }) => id);
}

/** Of this gateway, and ended: what was spent on them is in the books. */
export async function closeShippedShares(
  tx: Database,
  shares: Readonly<{ gatewayId: string; ids: readonly string[]; nowMs: number }>,
): Promise<void> {
  await sql`update limit_shares set state = 'released', closed_at = ${new Date(shares.nowMs)}
    where gateway_id = ${shares.gatewayId} and id = any(${shares.ids}::text[])
      and state = 'open' and expires_at <= ${new Date(shares.nowMs)}`.execute(tx);
}

/** Whatever the tenant: what no longer counts, and nobody asked for since. */
export async function closeAllEnded(database: Database, nowMs: number): Promise<void> {
  const graces = METRICS.map(graceMsOf);
  await sql`
    update limit_shares s set closed_at = ${new Date(nowMs)}, state = 'expired'
    from unnest(${[...METRICS]}::text[], ${graces}::bigint[]) as each (metric, grace_ms)
    where s.state = 'open' and s.metric = each.metric
      and s.expires_at <= ${new Date(nowMs)}::timestamptz - each.grace_ms * interval '1 millisecond'`.execute(
    database,
  );
}

export async function deleteClosedBefore(database: Database, before: Date): Promise<void> {
  await sql`delete from limit_shares
    where state <> 'open' and closed_at < ${before}`.execute(database);
}

/** What the open shares of a tenant's meters say of their use. */
export async function selectUse(
  database: Database,
  query: Readonly<{ tenantId: string; nowMs: number }>,
): Promise<readonly (MeterAddress & Readonly<{ used: bigint }>)[]> {
  const graces = METRICS.map(graceMsOf);
  const { rows } = await sql<MeterAddress & Readonly<{ used: string }>>`
    select s.tenant_id as "tenantId", s.level, s.scope_id as "scopeId", s.metric,
      sum(s.used) as used
    from limit_shares s
      join unnest(${[...METRICS]}::text[], ${graces}::bigint[]) as each (metric, grace_ms)
        on each.metric = s.metric
    where s.tenant_id = ${query.tenantId} and s.state = 'open' and s.reported_at >=
      ${new Date(query.nowMs)}::timestamptz - each.grace_ms * interval '1 millisecond'
    group by 1, 2, 3, 4`.execute(database);
  return rows.map((row) => ({ ...row, used: BigInt(row.used) }));
}

function toShare(row: ShareRow): Share {
  return {
    ...row,
    amount: BigInt(row.amount),
    used: BigInt(row.used),
    settled: BigInt(row.settled),
  };
}
