/** SQL over discussions and what happened in each. Every statement names the repository and its tenant. */
import { type Database, sql } from '#platform/database.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';

export type DiscussionStatus = 'open' | 'closed' | 'draft' | 'merged';

/** Who wrote: a member, or a key of the tenant, which has no user. */
export type Author = Readonly<{ tenantId: string; userId: string | null; name: string }>;

export type DiscussionRow = Readonly<{
  num: number;
  kind: 'discussion' | 'pull';
  title: string;
  status: DiscussionStatus;
  isLocked: boolean;
  author: Author;
  baseRevisionId: string | null;
  mergeRevisionId: string | null;
  comments: number;
  createdAt: Date;
  updatedAt: Date;
}>;

export type EventRow = Readonly<{
  id: string;
  kind: 'comment' | 'status' | 'title' | 'commit';
  author: Author;
  text: string;
  editedAt: Date | null;
  isHidden: boolean;
  data: EventData;
  createdAt: Date;
}>;

export type EventData = Readonly<{
  status?: DiscussionStatus;
  from?: string;
  to?: string;
  revisionId?: string;
  subject?: string;
}>;

export type DiscussionKey = RepositoryKey & Readonly<{ num: number }>;

const AUTHOR = sql`json_build_object('tenantId', author_tenant_id, 'userId', author_user_id,
  'name', author_name) as author`;
const DISCUSSION = sql`num, kind, title, status, is_locked as "isLocked", ${AUTHOR},
  base_revision_id as "baseRevisionId", merge_revision_id as "mergeRevisionId", comments,
  created_at as "createdAt", updated_at as "updatedAt"`;

const EVENT = sql`id, kind, ${AUTHOR}, body as text, edited_at as "editedAt",
  is_hidden as "isHidden", data, created_at as "createdAt"`;

/** The next number of a repository. Under its lock, or two would take the same. */
export async function nextNumber(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    select max(num) as last from discussions
    where tenant_id = ${tenantId} and model_id = ${modelId}`.execute(tx);
  return (rows[0]?.last ?? 0) + 1;
}

export async function insertDiscussion(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  row: Omit<DiscussionRow, 'comments' | 'mergeRevisionId' | 'isLocked' | 'updatedAt'>,
): Promise<void> {
  await sql`
    insert into discussions (tenant_id, model_id, num, kind, title, status, author_tenant_id,
      author_user_id, author_name, base_revision_id, created_at, updated_at)
    values (${tenantId}, ${modelId}, ${row.num}, ${row.kind}, ${row.title}, ${row.status},
      ${row.author.tenantId}, ${row.author.userId}, ${row.author.name}, ${row.baseRevisionId},
      ${row.createdAt}, ${row.createdAt})`.execute(tx);
}

export async function insertEvent(
  tx: Database,
  { tenantId, modelId, num }: DiscussionKey,
  event: Omit<EventRow, 'editedAt' | 'isHidden'>,
): Promise<void> {
  await sql`
    insert into discussion_events (tenant_id, model_id, num, id, kind, author_tenant_id,
      author_user_id, author_name, body, data, created_at)
    values (${tenantId}, ${modelId}, ${num}, ${event.id}, ${event.kind}, ${event.author.tenantId},
      ${event.author.userId}, ${event.author.name}, ${event.text}, ${JSON.stringify(event.data)},
      ${event.createdAt})`.execute(tx);
  await sql`
    update discussions set updated_at = ${event.createdAt},
      comments = comments + ${event.kind === 'comment' ? 1 : 0}
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num}`.execute(tx);
}

export async function selectDiscussion(
  database: Database,
  { tenantId, modelId, num }: DiscussionKey,
): Promise<DiscussionRow | null> {
  const { rows } = await sql<DiscussionRow>`select ${DISCUSSION} from discussions
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num}`.execute(database);
  return rows[0] ?? null;
}

/** Nobody else changes it until the transaction ends. */
export async function lockDiscussion(
  tx: Database,
  { tenantId, modelId, num }: DiscussionKey,
): Promise<DiscussionRow | null> {
  const { rows } = await sql<DiscussionRow>`select ${DISCUSSION} from discussions
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num} for update`.execute(
    tx,
  );
  return rows[0] ?? null;
}

export type DiscussionFilter = Readonly<{
  kind: DiscussionRow['kind'] | null;
  /** Closed holds what is merged, open what is a draft. */
  state: 'open' | 'closed' | null;
  author: string | null;
}>;

/** Newest first, with the number of all that fit. */
export async function selectDiscussions(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  query: DiscussionFilter & Readonly<{ start: number; limit: number }>,
): Promise<Readonly<{ rows: readonly DiscussionRow[]; count: number }>> {
  const statuses = { open: ['open', 'draft'], closed: ['closed', 'merged'] };
  const where = sql`tenant_id = ${tenantId} and model_id = ${modelId}
    and (${query.kind}::text is null or kind = ${query.kind})
    and (${query.state}::text is null
      or status = any(${query.state === null ? [] : statuses[query.state]}::text[]))
    and (${query.author}::text is null or author_name = ${query.author})`;
  const { rows } = await sql<DiscussionRow>`select ${DISCUSSION} from discussions
    where ${where} order by num desc limit ${query.limit} offset ${query.start}`.execute(database);
  const counted = await sql<{ count: number }>`
    select count(*) as count from discussions where ${where}`.execute(database);
  return { rows, count: counted.rows[0]?.count ?? 0 };
}

export async function selectEvents(
  database: Database,
  { tenantId, modelId, num }: DiscussionKey,
  limit: number,
): Promise<readonly EventRow[]> {
  const { rows } = await sql<EventRow>`
    select ${EVENT} from discussion_events
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num}
    order by seq limit ${limit}`.execute(database);
  return rows;
}

/** By its own id, whichever discussion it belongs to. */
export async function selectEvent(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  id: string,
): Promise<EventRow | null> {
  const { rows } = await sql<EventRow>`select ${EVENT} from discussion_events
    where tenant_id = ${tenantId} and model_id = ${modelId} and id = ${id}`.execute(database);
  return rows[0] ?? null;
}

export async function countEvents(
  tx: Database,
  { tenantId, modelId, num }: DiscussionKey,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from discussion_events
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function updateDiscussion(
  tx: Database,
  { tenantId, modelId, num }: DiscussionKey,
  change: Readonly<{
    title?: string;
    status?: DiscussionStatus;
    isLocked?: boolean;
    mergeRevisionId?: string;
    baseRevisionId?: string | null;
  }>,
): Promise<void> {
  await sql`
    update discussions set title = coalesce(${change.title ?? null}, title),
      status = coalesce(${change.status ?? null}, status),
      is_locked = coalesce(${change.isLocked ?? null}, is_locked),
      merge_revision_id = coalesce(${change.mergeRevisionId ?? null}, merge_revision_id),
      base_revision_id = coalesce(${change.baseRevisionId ?? null}, base_revision_id)
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num}`.execute(tx);
}

export async function updateComment(
  tx: Database,
  { tenantId, modelId, num }: DiscussionKey,
  change: Readonly<{ id: string; text: string; isHidden: boolean; at: Date }>,
): Promise<void> {
  await sql`
    update discussion_events set body = ${change.text}, is_hidden = ${change.isHidden},
      edited_at = ${change.at}
    where tenant_id = ${tenantId} and model_id = ${modelId} and num = ${num} and id = ${change.id}
      and kind = 'comment'`.execute(tx);
}

/** How much an account opened and said since then, in all repositories. */
export async function countSaid(
  database: Database,
  authorTenantId: string,
  since: Date,
): Promise<Readonly<{ opened: number; said: number }>> {
  const { rows } = await sql<{ opened: number; said: number }>`
    select
      (select count(*) from discussions
        where author_tenant_id = ${authorTenantId} and created_at > ${since}) as opened,
      (select count(*) from discussion_events
        where author_tenant_id = ${authorTenantId} and created_at > ${since}
          and kind = 'comment') as said`.execute(database);
  return rows[0] ?? { opened: 0, said: 0 };
}
