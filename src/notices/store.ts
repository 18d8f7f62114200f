/** SQL of webhooks. Every statement names the tenant. */
import { type Database, sql } from '#platform/database.ts';
import type { NoticeKind } from './kinds.ts';

export type WebhookRow = Readonly<{
  tenantId: string;
  id: string;
  name: string;
  url: string;
  allowsPrivate: boolean;
  kinds: NoticeKind[] | null;
  state: 'active' | 'paused';
  /** Those for repositories hear nothing else, in another shape. */
  form: 'notice' | 'hub';
  problem: string | null;
  previousSecretUntil: Date | null;
  createdAt: Date;
}>;

export type WebhookAddress = Readonly<{ tenantId: string; id: string }>;

const columns = sql`tenant_id as "tenantId", id, name, url, allows_private as "allowsPrivate", kinds,
  state, form, problem, previous_secret_until as "previousSecretUntil", created_at as "createdAt"`;

export async function insertWebhook(tx: Database, row: WebhookRow): Promise<void> {
  await sql`
    insert into webhooks (tenant_id, id, name, url, allows_private, kinds, state, form, created_at)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.url}, ${row.allowsPrivate},
      ${row.kinds}::text[], ${row.state}, ${row.form}, ${row.createdAt})`.execute(tx);
}

export async function selectWebhooks(
  database: Database,
  query: Readonly<{ tenantId: string; form: WebhookRow['form']; limit: number }>,
): Promise<readonly WebhookRow[]> {
  const { rows } = await sql<WebhookRow>`select ${columns} from webhooks
    where tenant_id = ${query.tenantId} and form = ${query.form} order by id desc limit ${query.limit}`.execute(
    database,
  );
  return rows;
}

export async function selectWebhook(
  database: Database,
  { tenantId, id }: WebhookAddress,
): Promise<WebhookRow | null> {
  const { rows } = await sql<WebhookRow>`select ${columns} from webhooks
    where tenant_id = ${tenantId} and id = ${id}`.execute(database);
  return rows[0] ?? null;
}

/** Locks the tenant's row, so that two that make the last webhook cannot both find room. */
export async function countWebhooksLocked(tx: Database, tenantId: string): Promise<number> {
  await sql`select 1 from tenants where id = ${tenantId} for no key update`.execute(tx);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from webhooks where tenant_id = ${tenantId}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function updateWebhook(
  tx: Database,
  row: WebhookAddress &
    Readonly<{
      name: string;
      kinds: readonly NoticeKind[] | null;
      state: WebhookRow['state'];
      problem: string | null;
    }>,
): Promise<boolean> {
  const { rows } = await sql`update webhooks set name = ${row.name}, kinds = ${row.kinds}::text[],
      state = ${row.state}, problem = ${row.problem}
    where tenant_id = ${row.tenantId} and id = ${row.id} returning id`.execute(tx);
  return rows.length > 0;
}

export async function updateWebhookUrl(
  tx: Database,
  { tenantId, id, url }: WebhookAddress & Readonly<{ url: string }>,
): Promise<void> {
  await sql`update webhooks set url = ${url}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

export async function pauseWebhook(
  tx: Database,
  { tenantId, id, problem }: WebhookAddress & Readonly<{ problem: string }>,
): Promise<void> {
  await sql`update webhooks set state = 'paused', problem = ${problem}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

export async function setPreviousSecretUntil(
  tx: Database,
  { tenantId, id, until }: WebhookAddress & Readonly<{ until: Date }>,
): Promise<void> {
  await sql`update webhooks set previous_secret_until = ${until}
    where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

export async function deleteWebhook(
  tx: Database,
  { tenantId, id }: WebhookAddress,
): Promise<boolean> {
  const { rows } = await sql`delete from webhooks
    where tenant_id = ${tenantId} and id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

/** Which webhooks want to hear of this kind. */
export async function selectListeningWebhookIds(
  tx: Database,
  query: Readonly<{ tenantId: string; kind: NoticeKind }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`select id from webhooks
    where tenant_id = ${query.tenantId} and state = 'active' and form = 'notice'
      and (kinds is null or ${query.kind} = any(kinds))
    order by id`.execute(tx);
  return rows.map(({ id }) => id);
}
