/** All SQL of files. */
import { type Database, sql } from '#platform/database.ts';
import type { FilePurpose, StoredFile } from './file.ts';

const columns = sql`id, tenant_id as "tenantId", project_id as "projectId", purpose, name,
  size_bytes as "sizeBytes", created_at as "createdAt", expires_at as "expiresAt"`;

export type Place = Readonly<{ tenantId: string; projectId: string }>;

/** Uploads and batches of one project decide one after the other. */
export async function lockProject(tx: Database, { tenantId, projectId }: Place): Promise<void> {
  await sql`select 1 from projects where tenant_id = ${tenantId} and id = ${projectId}
    for update`.execute(tx);
}

export async function sumFiles(
  tx: Database,
  { tenantId, projectId }: Place,
): Promise<Readonly<{ files: number; bytes: number }>> {
  const { rows } = await sql<{ files: number; bytes: number }>`
    select count(*) as files, coalesce(sum(size_bytes), 0)::bigint as bytes from project_files
    where tenant_id = ${tenantId} and project_id = ${projectId} and state <> 'deleted'`.execute(tx);
  return rows[0] ?? { files: 0, bytes: 0 };
}

/** Replaces one of the same id, so that a batch that is finished twice writes one file. */
export async function insertFile(
  tx: Database,
  file: StoredFile & Readonly<{ state: 'uploading' | 'ready'; keyId: string | null }>,
): Promise<void> {
  await sql`
    insert into project_files (tenant_id, project_id, id, purpose, name, size_bytes, state, key_id, created_at,
      expires_at)
    values (${file.tenantId}, ${file.projectId}, ${file.id}, ${file.purpose}, ${file.name},
      ${file.sizeBytes}, ${file.state}, ${file.keyId}, ${file.createdAt}, ${file.expiresAt})
    on conflict (tenant_id, id) do update
      set size_bytes = excluded.size_bytes, state = excluded.state`.execute(tx);
}

export async function makeReady(
  tx: Database,
  file: Pick<StoredFile, 'tenantId' | 'id' | 'purpose' | 'name' | 'sizeBytes' | 'expiresAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    update project_files set state = 'ready', purpose = ${file.purpose}, name = ${file.name},
      size_bytes = ${file.sizeBytes}, expires_at = ${file.expiresAt}
    where tenant_id = ${file.tenantId} and id = ${file.id} and state = 'uploading'
    returning id`.execute(tx);
  return rows.length === 1;
}

export async function selectFile(
  database: Database,
  { tenantId, projectId }: Place,
  id: string,
): Promise<StoredFile | null> {
  const { rows } = await sql<StoredFile>`
    select ${columns} from project_files
    where tenant_id = ${tenantId} and project_id = ${projectId} and id = ${id}
      and state = 'ready'`.execute(database);
  return rows[0] ?? null;
}

export type FilePage = Readonly<{
  after: string | null;
  limit: number;
  order: 'asc' | 'desc';
  purpose: FilePurpose | null;
}>;

export async function selectFiles(
  database: Database,
  { tenantId, projectId }: Place,
  { after, limit, order, purpose }: FilePage,
): Promise<readonly StoredFile[]> {
  const isDown = order === 'desc';
  const { rows } = await sql<StoredFile>`
    select ${columns} from project_files
    where tenant_id = ${tenantId} and project_id = ${projectId} and state = 'ready'
      and (${purpose}::text is null or purpose = ${purpose})
      and (${after}::text is null or ${isDown ? sql`id < ${after}` : sql`id > ${after}`})
    order by id ${isDown ? sql`desc` : sql`asc`} limit ${limit}`.execute(database);
  return rows;
}

export async function markDeleted(
  tx: Database,
  { tenantId, projectId }: Place,
  id: string,
): Promise<void> {
  await sql`
    update project_files set state = 'deleted'
    where tenant_id = ${tenantId} and project_id = ${projectId} and id = ${id}
      and state = 'ready'`.execute(tx);
}

/** Whether a batch still reads it. */
export async function isFileInUse(
  tx: Database,
  file: Readonly<{ tenantId: string; id: string }>,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from batches
    where tenant_id = ${file.tenantId} and input_file_id = ${file.id}
      and status in ('validating', 'in_progress', 'finalizing', 'cancelling') limit 1`.execute(tx);
  return rows.length > 0;
}

/** Marks what has expired, whatever the tenant, except inputs that a batch still reads. */
export async function markExpired(tx: Database, now: Date, limit: number): Promise<void> {
  await sql`
    update project_files f set state = 'deleted'
    where (f.tenant_id, f.id) in (
      select tenant_id, id from project_files
      where state = 'ready' and expires_at is not null and expires_at <= ${now}
      order by expires_at limit ${limit})
      and not exists (
        select 1 from batches b where b.tenant_id = f.tenant_id and b.input_file_id = f.id
          and b.status in ('validating', 'in_progress', 'finalizing', 'cancelling'))`.execute(tx);
}

/** Deleted ones, and uploads that began before and never ended; whatever the tenant. */
export async function selectGone(
  database: Database,
  uploadingBefore: Date,
  limit: number,
): Promise<readonly Readonly<{ tenantId: string; id: string }>[]> {
  const { rows } = await sql<{ tenantId: string; id: string }>`
    select tenant_id as "tenantId", id from project_files
    where state = 'deleted' or (state = 'uploading' and created_at < ${uploadingBefore})
    order by created_at limit ${limit}`.execute(database);
  return rows;
}

export async function removeFile(
  database: Database,
  file: Readonly<{ tenantId: string; id: string }>,
): Promise<void> {
  await sql`delete from project_files where tenant_id = ${file.tenantId} and id = ${file.id}
    and state <> 'ready'`.execute(database);
}
