/** SQL of subscriptions: what a tenant has chosen, and the periods it goes through. */
import { type Database, sql } from '#platform/database.ts';
import type { WindowAllowance } from './allowance.ts';

export type StoredSubscription = Readonly<{
  tenantId: string;
  id: string;
  planId: string;
  state: 'active' | 'past_due' | 'ended';
  startedAtMs: number;
  periodStartMs: number;
  periodEndMs: number;
  nextPlanId: string | null;
  endsAtPeriodEnd: boolean;
  /** Paid and not yet earned. */
  deferredPico: bigint;
  /** Entries so far: the next one's key counts on. */
  postings: number;
  endedAtMs: number | null;
}>;

type Row = Readonly<{
  tenantId: string;
  id: string;
  planId: string;
  state: StoredSubscription['state'];
  startedAt: Date;
  periodStart: Date;
  periodEnd: Date;
  nextPlanId: string | null;
  endsAtPeriodEnd: boolean;
  deferred: string;
  postings: number;
  endedAt: Date | null;
}>;

const columns = sql`tenant_id as "tenantId", id, plan_id as "planId", state,
  started_at as "startedAt", period_start as "periodStart", period_end as "periodEnd",
  next_plan_id as "nextPlanId", ends_at_period_end as "endsAtPeriodEnd",
  deferred_pico as deferred, postings, ended_at as "endedAt"`;

/** The one that has not ended. */
export async function selectLive(
  database: Database,
  tenantId: string,
): Promise<StoredSubscription | null> {
  const { rows } = await sql<Row>`select ${columns} from subscriptions
    where tenant_id = ${tenantId} and state <> 'ended'`.execute(database);
  return rows[0] === undefined ? null : toSubscription(rows[0]);
}

export async function insertSubscription(
  tx: Database,
  subscription: StoredSubscription & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  const { tenantId, id, planId, state, startedAtMs, periodStartMs, periodEndMs } = subscription;
  await sql`
    insert into subscriptions (tenant_id, id, plan_id, state, started_at, period_start, period_end,
      deferred_pico, postings, created_by)
    values (${tenantId}, ${id}, ${planId}, ${state}, ${new Date(startedAtMs)},
      ${new Date(periodStartMs)}, ${new Date(periodEndMs)},
      ${subscription.deferredPico.toString()}::numeric, ${subscription.postings},
      ${subscription.createdBy})`.execute(tx);
}

/** Writes what it has become, whole. */
export async function updateSubscription(
  tx: Database,
  subscription: StoredSubscription,
): Promise<void> {
  const { tenantId, id, periodStartMs, periodEndMs, endedAtMs } = subscription;
  await sql`update subscriptions set plan_id = ${subscription.planId}, state = ${subscription.state},
      period_start = ${new Date(periodStartMs)}, period_end = ${new Date(periodEndMs)},
      next_plan_id = ${subscription.nextPlanId},
      ends_at_period_end = ${subscription.endsAtPeriodEnd},
      deferred_pico = ${subscription.deferredPico.toString()}::numeric,
      postings = ${subscription.postings},
      ended_at = ${endedAtMs === null ? null : new Date(endedAtMs)}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

/** Whose period is over. */
export async function selectDue(
  database: Database,
  query: Readonly<{ nowMs: number; limit: number }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from subscriptions
    where state <> 'ended' and period_end <= ${new Date(query.nowMs)}
    order by period_end limit ${query.limit}`.execute(database);
  return rows.map(({ tenantId }) => tenantId);
}

/** Windows of now get the allowances of another plan; what was used of them stays used. */
export async function resizeWindows(
  tx: Database,
  request: Readonly<{
    tenantId: string;
    subscriptionId: string;
    windows: readonly WindowAllowance[];
    nowMs: number;
  }>,
): Promise<void> {
  const { tenantId, subscriptionId, windows, nowMs } = request;
  await sql`update subscription_windows s set allowance = greatest(s.used, new.allowance)
    from unnest(${windows.map(({ period }) => period)}::text[],
      ${windows.map(({ allowance }) => allowance.toString())}::numeric[]) as new (period, allowance)
    where s.tenant_id = ${tenantId} and s.subscription_id = ${subscriptionId}
      and s.period = new.period and s.ends_at > ${new Date(nowMs)}`.execute(tx);
}

function toSubscription(row: Row): StoredSubscription {
  return {
    tenantId: row.tenantId,
    id: row.id,
    planId: row.planId,
    state: row.state,
    startedAtMs: row.startedAt.getTime(),
    periodStartMs: row.periodStart.getTime(),
    periodEndMs: row.periodEnd.getTime(),
    nextPlanId: row.nextPlanId,
    endsAtPeriodEnd: row.endsAtPeriodEnd,
    deferredPico: BigInt(row.deferred),
    postings: row.postings,
    endedAtMs: row.endedAt?.getTime() ?? null,
  };
}
