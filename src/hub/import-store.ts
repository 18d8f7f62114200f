/** All SQL over imports. A running one is claimed by the process that works on it. */
import { type Database, sql } from '#platform/database.ts';
import type { PlannedFile } from './import/plan.ts';

/** What was asked for, kept so that another process can take the import up. */
export type ImportRequest = Readonly<{
  visibility: 'public' | 'private';
  license: string | null;
  sha256: string | null;
  message: string;
  /** Whether the asking tenant owns the machines: it may read local files and private addresses. */
  isOperator: boolean;
}>;

export type ImportRow = Readonly<{
  tenantId: string;
  id: string;
  modelName: string;
  source: string;
  state: 'running' | 'succeeded' | 'failed' | 'cancelled';
  stage: string;
  receivedBytes: number;
  totalBytes: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  revisionId: string | null;
  request: ImportRequest;
  plan: readonly PlannedFile[] | null;
  createdAt: Date;
  updatedAt: Date;
}>;

const COLUMNS = sql`
  tenant_id as "tenantId", id, model_name as "modelName", source, state, stage,
  received_bytes as "receivedBytes", total_bytes as "totalBytes", error_code as "errorCode",
  error_message as "errorMessage", revision_id as "revisionId", request, plan,
  created_at as "createdAt", updated_at as "updatedAt"`;

export async function insertImport(
  database: Database,
  row: Readonly<{
    tenantId: string;
    id: string;
    modelName: string;
    source: string;
    request: ImportRequest;
    claimedUntil: Date;
  }>,
): Promise<ImportRow> {
  const { rows } = await sql<ImportRow>`
    insert into imports (tenant_id, id, model_name, source, state, request, claimed_until)
    values (${row.tenantId}, ${row.id}, ${row.modelName}, ${row.source}, 'running',
      ${JSON.stringify(row.request)}, ${row.claimedUntil})
    returning ${COLUMNS}`.execute(database);
  const [inserted] = rows;
  if (inserted === undefined) throw new Error('an insert returns its row');
  return inserted;
}

export async function selectImports(
  database: Database,
  query: Readonly<{ tenantId: string; before: string | null; limit: number }>,
): Promise<readonly ImportRow[]> {
  const { rows } = await sql<ImportRow>`
    select ${COLUMNS} from imports
    where tenant_id = ${query.tenantId} and (${query.before}::text is null or id < ${query.before})
    order by id desc limit ${query.limit}`.execute(database);
  return rows;
}

export async function selectImport(
  database: Database,
  tenantId: string,
  id: string,
): Promise<ImportRow | null> {
  const { rows } = await sql<ImportRow>`
    select ${COLUMNS} from imports where tenant_id = ${tenantId} and id = ${id}`.execute(database);
  return rows[0] ?? null;
}

export async function countRunningImports(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from imports
    where tenant_id = ${tenantId} and state = 'running'`.execute(database);
  return rows[0]?.count ?? 0;
}

export async function selectRunningImportIds(database: Database): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from imports where state = 'running'`.execute(database);
  return new Set(rows.map((row) => row.id));
}

/** Takes running imports that nobody works on. Two processes never get the same one. */
export async function claimImports(
  database: Database,
  claim: Readonly<{ now: Date; until: Date; limit: number }>,
): Promise<readonly ImportRow[]> {
  const { rows } = await sql<ImportRow>`
    update imports set claimed_until = ${claim.until}
    where id in (
      select id from imports
      where state = 'running' and (claimed_until is null or claimed_until < ${claim.now})
      order by id limit ${claim.limit} for update skip locked)
    returning ${COLUMNS}`.execute(database);
  return rows;
}

export type ImportProgress = Readonly<{
  stage: string;
  receivedBytes: number;
  totalBytes: number | null;
  claimedUntil: Date;
}>;

/** False when the import is no longer running: somebody cancelled it. */
export async function updateImportProgress(
  database: Database,
  id: string,
  progress: ImportProgress,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update imports set stage = ${progress.stage}, received_bytes = ${progress.receivedBytes},
      total_bytes = ${progress.totalBytes}, claimed_until = ${progress.claimedUntil},
      updated_at = now()
    where id = ${id} and state = 'running'`.execute(database);
  return numAffectedRows === 1n;
}

export async function updateImportPlan(
  database: Database,
  id: string,
  plan: readonly PlannedFile[],
): Promise<void> {
  await sql`update imports set plan = ${JSON.stringify(plan)} where id = ${id}`.execute(database);
}

/** Frees the claim, so that the next process goes on at once. */
export async function releaseImport(database: Database, id: string): Promise<void> {
  await sql`
    update imports set claimed_until = null where id = ${id} and state = 'running'`.execute(
    database,
  );
}

export type ImportEnd =
  | Readonly<{ state: 'succeeded'; revisionId: string; sizeBytes: number }>
  | Readonly<{ state: 'failed'; code: string; message: string }>
  | Readonly<{ state: 'cancelled' }>;

/** Ends a running import. False when it had ended before. */
export async function endImport(database: Database, id: string, end: ImportEnd): Promise<boolean> {
  const sizeBytes = end.state === 'succeeded' ? end.sizeBytes : null;
  const { numAffectedRows } = await sql`
    update imports set state = ${end.state}, claimed_until = null, updated_at = now(),
      stage = case when ${end.state} = 'succeeded' then 'done' else stage end,
      revision_id = ${end.state === 'succeeded' ? end.revisionId : null},
      received_bytes = coalesce(${sizeBytes}::bigint, received_bytes),
      total_bytes = coalesce(${sizeBytes}::bigint, total_bytes),
      error_code = ${end.state === 'failed' ? end.code : null},
      error_message = ${end.state === 'failed' ? end.message : null}
    where id = ${id} and state = 'running'`.execute(database);
  return numAffectedRows === 1n;
}
