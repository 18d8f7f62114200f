/**
 * SQL of notices and their deliveries. Statements of tenants name the tenant; those of the courier look
 * across all of them and say so in their name.
 */
import { type Database, sql } from '#platform/database.ts';
import type { NoticeData, NoticeKind } from './kinds.ts';

export type NoticeRow = Readonly<{
  tenantId: string;
  id: string;
  kind: NoticeKind;
  key: string | null;
  data: NoticeData;
  createdAt: Date;
}>;

/** False when this key was sent before. */
export async function insertNotice(tx: Database, row: NoticeRow): Promise<boolean> {
  const { rows } = await sql`
    insert into notices (tenant_id, id, kind, key, data, created_at)
    values (${row.tenantId}, ${row.id}, ${row.kind}, ${row.key}, ${JSON.stringify(row.data)}::jsonb,
      ${row.createdAt})
    on conflict (tenant_id, kind, key) where key is not null do nothing
    returning id`.execute(tx);
  return rows.length > 0;
}

export type NewDelivery = Readonly<{
  id: string;
  channel: 'webhook' | 'email';
  webhookId: string | null;
  recipient: string | null;
  locale: string | null;
}>;

export async function insertDeliveries(
  tx: Database,
  notice: NoticeRow,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  await sql`
    insert into deliveries (tenant_id, id, notice_id, channel, webhook_id, recipient, locale, state,
      next_at, created_at)
    select ${notice.tenantId}, id, ${notice.id}, channel, webhook_id, recipient, locale, 'pending',
      ${notice.createdAt}, ${notice.createdAt}
    from unnest(
      ${deliveries.map(({ id }) => id)}::text[],
      ${deliveries.map(({ channel }) => channel)}::text[],
      ${deliveries.map(({ webhookId }) => webhookId)}::text[],
      ${deliveries.map(({ recipient }) => recipient)}::text[],
      ${deliveries.map(({ locale }) => locale)}::text[]
    ) as new (id, channel, webhook_id, recipient, locale)`.execute(tx);
}

export type DueDelivery = NewDelivery &
  Readonly<{
    tenantId: string;
    noticeId: string;
    attempts: number;
    attemptsBefore: number;
    kind: NoticeKind;
    data: NoticeData;
    noticedAt: Date;
  }>;

/**
 * Takes what is due for one courier, a few per receiver, so that one that hangs does not hold up the rest.
 * The attempt counts from here: a control that dies in the middle has used it up.
 */
export async function claimAllDue(
  database: Database,
  request: Readonly<{
    claim: string;
    now: Date;
    until: Date;
    limit: number;
    perReceiverMax: number;
  }>,
): Promise<readonly DueDelivery[]> {
  const { claim, now, until, limit, perReceiverMax } = request;
  const { rows } = await sql<DueDelivery>`
    with due as (
      select d.tenant_id, d.id, d.next_at, row_number() over (
        partition by d.tenant_id, d.channel, d.webhook_id order by d.next_at, d.id) as turn
      from deliveries d left join webhooks w on w.tenant_id = d.tenant_id and w.id = d.webhook_id
      where d.state = 'pending' and d.next_at <= ${now}
        and (d.claimed_until is null or d.claimed_until < ${now})
        and (w.id is null or w.state = 'active')
    ), chosen as (
      select tenant_id, id from due where turn <= ${perReceiverMax} order by next_at, id limit ${limit}
    )
    update deliveries d set claim = ${claim}, claimed_until = ${until}, attempts = attempts + 1
    from chosen c, notices n
    where d.tenant_id = c.tenant_id and d.id = c.id and d.state = 'pending'
      and (d.claimed_until is null or d.claimed_until < ${now})
      and n.tenant_id = d.tenant_id and n.id = d.notice_id
    returning d.tenant_id as "tenantId", d.id, d.notice_id as "noticeId", d.channel,
      d.webhook_id as "webhookId", d.recipient, d.locale, d.attempts,
      d.attempts_before as "attemptsBefore", n.kind, n.data, n.created_at as "noticedAt"`.execute(
    database,
  );
  return rows;
}

export type Attempt = Readonly<{
  tenantId: string;
  deliveryId: string;
  attempt: number;
  at: Date;
  status: number | null;
  problem: string | null;
  durationMs: number;
}>;

export async function insertAttempt(tx: Database, row: Attempt): Promise<void> {
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, attempt, at, status, problem, duration_ms)
    values (${row.tenantId}, ${row.deliveryId}, ${row.attempt}, ${row.at}, ${row.status},
      ${row.problem}, ${row.durationMs})`.execute(tx);
}

/** What became of it; false when another courier has taken it over. */
export async function endAttempt(
  tx: Database,
  end: Readonly<{
    tenantId: string;
    id: string;
    claim: string;
    state: 'pending' | 'delivered' | 'dead';
    nextAt: Date;
    now: Date;
  }>,
): Promise<boolean> {
  const { rows } = await sql`
    update deliveries set state = ${end.state}, next_at = ${end.nextAt}, claim = null,
      claimed_until = null,
      ended_at = case when ${end.state} = 'pending' then null else ${end.now}::timestamptz end
    where tenant_id = ${end.tenantId} and id = ${end.id} and claim = ${end.claim}
    returning id`.execute(tx);
  return rows.length > 0;
}

/** Asks for it anew, with all its attempts; false when there is no such delivery. */
export async function restartDelivery(
  tx: Database,
  request: Readonly<{ tenantId: string; webhookId: string; id: string; now: Date }>,
): Promise<boolean> {
  const { rows } = await sql`
    update deliveries set state = 'pending', next_at = ${request.now}, ended_at = null,
      attempts_before = attempts
    where tenant_id = ${request.tenantId} and webhook_id = ${request.webhookId}
      and id = ${request.id} returning id`.execute(tx);
  return rows.length > 0;
}

export type DeliveryRow = Readonly<{
  id: string;
  noticeId: string;
  webhookId: string;
  kind: NoticeKind;
  state: 'pending' | 'delivered' | 'dead';
  nextAt: Date;
  createdAt: Date;
}>;

/** Newest first; one more than `limit` tells of a next page. */
export async function selectDeliveries(
  database: Database,
  query: Readonly<{
    tenantId: string;
    webhookId: string;
    id: string | null;
    cursor: string | null;
    limit: number;
  }>,
): Promise<readonly DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select d.id, d.notice_id as "noticeId", d.webhook_id as "webhookId", n.kind, d.state,
      d.next_at as "nextAt", d.created_at as "createdAt"
    from deliveries d join notices n on n.tenant_id = d.tenant_id and n.id = d.notice_id
    where d.tenant_id = ${query.tenantId} and d.webhook_id = ${query.webhookId}
      and (${query.id}::text is null or d.id = ${query.id})
      and (${query.cursor}::text is null or d.id < ${query.cursor})
    order by d.id desc limit ${query.limit + 1}`.execute(database);
  return rows;
}

export async function selectAttempts(
  database: Database,
  query: Readonly<{ tenantId: string; deliveryIds: readonly string[] }>,
): Promise<readonly Attempt[]> {
  const { rows } = await sql<Attempt>`
    select tenant_id as "tenantId", delivery_id as "deliveryId", attempt, at, status, problem,
      duration_ms as "durationMs"
    from delivery_attempts
    where tenant_id = ${query.tenantId} and delivery_id = any(${query.deliveryIds}::text[])
    order by delivery_id, attempt`.execute(database);
  return rows;
}

/** Deliveries and attempts go with their notice. */
export async function deleteAllNoticesBefore(
  database: Database,
  request: Readonly<{ before: Date; limit: number }>,
): Promise<number> {
  const { rows } = await sql`
    delete from notices where (tenant_id, id) in (
      select tenant_id, id from notices where created_at < ${request.before}
      order by created_at limit ${request.limit})
    returning id`.execute(database);
  return rows.length;
}
