/** All SQL of a batch's lines. */
import { type Database, sql } from '#platform/database.ts';

type Of = Readonly<{ tenantId: string; id: string }>;

const ofBatch = ({ tenantId, id }: Of) => sql`tenant_id = ${tenantId} and batch_id = ${id}`;

/**
 * Of `batch_lines l`. The lines are named twice, here and where they are joined: a database that has not
 * looked at the table takes a batch for one row, and joined alone it reads every line of the batch for each answer.
 */
const among = ({ tenantId, id }: Of, lines: readonly Readonly<{ line: number }>[]) => sql`
  l.tenant_id = ${tenantId} and l.batch_id = ${id}
  and l.line = any(${lines.map(({ line }) => line)}::integer[])`;

export type NewLine = Readonly<{
  line: number;
  customId: string;
  startByte: number;
  sizeBytes: number;
}>;

export async function deleteLines(tx: Database, batch: Of): Promise<void> {
  await sql`delete from batch_lines where ${ofBatch(batch)}`.execute(tx);
}

export async function insertLines(
  tx: Database,
  batch: Of,
  lines: readonly NewLine[],
): Promise<void> {
  await sql`
    insert into batch_lines (tenant_id, batch_id, line, custom_id, start_byte, size_bytes)
    select ${batch.tenantId}, ${batch.id}, line, custom_id, start_byte, size_bytes
    from unnest(
      ${lines.map(({ line }) => line)}::integer[],
      ${lines.map(({ customId }) => customId)}::text[],
      ${lines.map(({ startByte }) => startByte)}::bigint[],
      ${lines.map(({ sizeBytes }) => sizeBytes)}::integer[]
    ) as new (line, custom_id, start_byte, size_bytes)`.execute(tx);
}

/** What somebody else had under way: nobody here knows how that went. */
export async function markUnsure(tx: Database, batch: Of, now: Date): Promise<void> {
  await sql`
    update batch_lines set state = 'unsure', unsure_since = ${now}
    where ${ofBatch(batch)} and state = 'sent'`.execute(tx);
}

export type TakenLine = Readonly<{
  line: number;
  startByte: number;
  sizeBytes: number;
  attempt: number;
  failures: number;
  again: Again | null;
}>;

/** Why a line is called under the attempt it had: it is paid for, or nobody knows. */
export type Again = 'charged' | 'unknown';

/** Lines that may be called now, marked as called. While a batch ends, only those that are paid for. */
export async function takeLines(
  tx: Database,
  batch: Of,
  request: Readonly<{ now: Date; limit: number; onlyCharged: boolean }>,
): Promise<readonly TakenLine[]> {
  const { rows } = await sql<TakenLine>`
    update batch_lines set state = 'sent',
      attempt = case when again is null then attempt + 1 else attempt end
    where ${ofBatch(batch)} and line = any(array(
      select line from batch_lines
      where ${ofBatch(batch)} and state = 'waiting'
        and (not_before is null or not_before <= ${request.now})
        and (not ${request.onlyCharged}::boolean or again = 'charged')
      order by line limit ${request.limit}))
    returning line, start_byte as "startByte", size_bytes as "sizeBytes", attempt, failures, again`.execute(
    tx,
  );
  return rows;
}

export type DoneLine = Readonly<{ line: number; status: number; answer: string }>;

export async function endLines(tx: Database, batch: Of, lines: readonly DoneLine[]): Promise<void> {
  await sql`
    update batch_lines l set state = 'done', status = new.status, answer = new.answer
    from unnest(
      ${lines.map(({ line }) => line)}::integer[],
      ${lines.map(({ status }) => status)}::integer[],
      ${lines.map(({ answer }) => answer)}::text[]
    ) as new (line, status, answer)
    where ${among(batch, lines)} and l.line = new.line`.execute(tx);
}

export type WaitingLine = Readonly<{
  line: number;
  failures: number;
  notBefore: Date | null;
  again: Again | null;
  /** Nobody took its call: the attempt is free for the next. */
  isUntried?: boolean;
}>;

export async function putLinesBack(
  tx: Database,
  batch: Of,
  lines: readonly WaitingLine[],
): Promise<void> {
  await sql`
    update batch_lines l set state = 'waiting', failures = new.failures, not_before = new.not_before,
      again = new.again, unsure_since = null,
      attempt = case when new.is_untried and new.again is null then l.attempt - 1 else l.attempt end
    from unnest(
      ${lines.map(({ line }) => line)}::integer[],
      ${lines.map(({ failures }) => failures)}::integer[],
      ${lines.map(({ notBefore }) => notBefore)}::timestamptz[],
      ${lines.map(({ again }) => again)}::text[],
      ${lines.map(({ isUntried = false }) => isUntried)}::boolean[]
    ) as new (line, failures, not_before, again, is_untried)
    where ${among(batch, lines)} and l.line = new.line`.execute(tx);
}

export async function markLinesUnsure(
  tx: Database,
  batch: Of,
  lines: readonly Readonly<{ line: number; failures: number }>[],
  now: Date,
): Promise<void> {
  await sql`
    update batch_lines l set state = 'unsure', failures = new.failures, unsure_since = ${now}
    from unnest(
      ${lines.map(({ line }) => line)}::integer[],
      ${lines.map(({ failures }) => failures)}::integer[]
    ) as new (line, failures)
    where ${among(batch, lines)} and l.line = new.line`.execute(tx);
}

export type UnsureLine = Readonly<{
  line: number;
  attempt: number;
  failures: number;
  unsureSince: Date;
}>;

export async function selectUnsure(
  database: Database,
  batch: Of,
  limit: number,
): Promise<readonly UnsureLine[]> {
  const { rows } = await sql<UnsureLine>`
    select line, attempt, failures, unsure_since as "unsureSince" from batch_lines
    where ${ofBatch(batch)} and state = 'unsure' order by line limit ${limit}`.execute(database);
  return rows;
}

export type LineCounts = Readonly<{ waiting: number; charged: number; open: number }>;

/** `charged` are waiting too; `open` are those under way or unsure. */
export async function countLines(database: Database, batch: Of): Promise<LineCounts> {
  const { rows } = await sql<LineCounts>`
    select count(*) filter (where state = 'waiting') as waiting,
      count(*) filter (where state = 'waiting' and again = 'charged') as charged,
      count(*) filter (where state in ('sent', 'unsure')) as open
    from batch_lines where ${ofBatch(batch)} and state <> 'done'`.execute(database);
  return rows[0] ?? { waiting: 0, charged: 0, open: 0 };
}

export type EndedLine = Readonly<{
  line: number;
  customId: string;
  status: number | null;
  answer: string | null;
}>;

/** One page of what goes into a file: answers, or what has none. */
export async function selectEnded(
  database: Database,
  batch: Of,
  page: Readonly<{ isOutput: boolean; after: number; limit: number }>,
): Promise<readonly EndedLine[]> {
  const wanted = page.isOutput
    ? sql`state = 'done' and status = 200`
    : sql`(state <> 'done' or status <> 200)`;
  const { rows } = await sql<EndedLine>`
    select line, custom_id as "customId", status, answer from batch_lines
    where ${ofBatch(batch)} and line > ${page.after} and ${wanted}
    order by line limit ${page.limit}`.execute(database);
  return rows;
}

/** Answers are in their file now. */
export async function forgetAnswers(tx: Database, batch: Of): Promise<void> {
  await sql`update batch_lines set answer = null
    where ${ofBatch(batch)} and answer is not null`.execute(tx);
}

/** Lines of batches that ended long ago, whatever the tenant: their files are gone as well. */
export async function deleteOldLines(
  database: Database,
  endedBefore: Date,
  limit: number,
): Promise<void> {
  await sql`
    delete from batch_lines l using (
      select b.tenant_id, b.id from batches b
      where b.ended_at < ${endedBefore} and exists (
        select 1 from batch_lines x where x.tenant_id = b.tenant_id and x.batch_id = b.id)
      order by b.ended_at limit ${limit}) as old
    where l.tenant_id = old.tenant_id and l.batch_id = old.id`.execute(database);
}
