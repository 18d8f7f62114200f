/** SQL of kept prompts and answers. Every statement names the tenant, but for sweeping, sealing anew and the feed. */
import { type Database, sql } from '#platform/database.ts';
import type { SealedSecret } from '#vault/envelope.ts';
import type { ProjectKey } from '../store.ts';

export type SettingsRow = ProjectKey &
  Readonly<{ isKept: boolean; bytesMax: number; keptDays: number; updatedAt: Date }>;

const settingsColumns = sql`tenant_id as "tenantId", project_id as "projectId", is_kept as "isKept",
  bytes_max as "bytesMax", kept_days as "keptDays", updated_at as "updatedAt"`;

export async function selectSettings(
  database: Database,
  key: ProjectKey,
): Promise<SettingsRow | null> {
  const { rows } = await sql<SettingsRow>`select ${settingsColumns} from project_contents
    where tenant_id = ${key.tenantId} and project_id = ${key.projectId}`.execute(database);
  return rows[0] ?? null;
}

export async function upsertSettings(
  database: Database,
  row: SettingsRow & Readonly<{ updatedBy: string | null }>,
): Promise<void> {
  await sql`insert into project_contents
      (tenant_id, project_id, is_kept, bytes_max, kept_days, updated_by, updated_at)
    values (${row.tenantId}, ${row.projectId}, ${row.isKept}, ${row.bytesMax}, ${row.keptDays},
      ${row.updatedBy}, ${row.updatedAt})
    on conflict (tenant_id, project_id) do update set is_kept = excluded.is_kept,
      bytes_max = excluded.bytes_max, kept_days = excluded.kept_days,
      updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(database);
}

/** Of every tenant, for the feed. */
export async function selectKeeping(database: Database): Promise<readonly SettingsRow[]> {
  const { rows } = await sql<SettingsRow>`select ${settingsColumns} from project_contents
    where is_kept order by tenant_id, project_id`.execute(database);
  return rows;
}

/** Those of the projects that keep contents now. */
export async function selectKeepingOf(
  database: Database,
  keys: readonly ProjectKey[],
): Promise<readonly SettingsRow[]> {
  const { rows } = await sql<SettingsRow>`select ${settingsColumns} from project_contents
    where is_kept and (tenant_id, project_id) in (
      select * from unnest(${keys.map(({ tenantId }) => tenantId)}::text[],
        ${keys.map(({ projectId }) => projectId)}::text[]))`.execute(database);
  return rows;
}

export type ContentRow = ProjectKey &
  SealedSecret &
  Readonly<{ requestId: string; createdAt: Date; expiresAt: Date }>;

const contentColumns = sql`tenant_id as "tenantId", project_id as "projectId",
  request_id as "requestId", master_key_id as "masterKeyId", wrapped_key as "wrappedKey",
  ciphertext, created_at as "createdAt", expires_at as "expiresAt"`;

/** The first that came of a request stays. */
export async function insertContent(tx: Database, row: ContentRow): Promise<void> {
  await sql`insert into request_contents (tenant_id, project_id, request_id, master_key_id,
      wrapped_key, ciphertext, created_at, expires_at)
    values (${row.tenantId}, ${row.projectId}, ${row.requestId}, ${row.masterKeyId},
      ${row.wrappedKey}, ${row.ciphertext}, ${row.createdAt}, ${row.expiresAt})
    on conflict do nothing`.execute(tx);
}

export type ContentKey = Readonly<{
  tenantId: string;
  /** Null for all projects of the tenant. */
  projectId: string | null;
  requestId: string;
}>;

const inScope = ({ tenantId, projectId, requestId }: ContentKey) => sql`
  tenant_id = ${tenantId} and request_id = ${requestId}
  and (${projectId}::text is null or project_id = ${projectId}::text)`;

export async function selectContent(
  database: Database,
  key: ContentKey,
  now: Date,
): Promise<ContentRow | null> {
  const { rows } = await sql<ContentRow>`select ${contentColumns} from request_contents
    where ${inScope(key)} and expires_at > ${now}`.execute(database);
  return rows[0] ?? null;
}

export async function deleteContent(database: Database, key: ContentKey): Promise<boolean> {
  const { rows } = await sql`delete from request_contents where ${inScope(key)}
    returning 1`.execute(database);
  return rows.length > 0;
}

export async function deleteContentsOf(database: Database, key: ProjectKey): Promise<void> {
  await sql`delete from request_contents
    where tenant_id = ${key.tenantId} and project_id = ${key.projectId}`.execute(database);
}

/** Of every tenant. */
export async function deleteExpired(database: Database, now: Date, limit: number): Promise<number> {
  const { rows } = await sql`delete from request_contents where (tenant_id, request_id) in (
      select tenant_id, request_id from request_contents where expires_at <= ${now} limit ${limit})
    returning 1`.execute(database);
  return rows.length;
}

/** Of every tenant. */
export async function lockSealedByOthers(
  tx: Database,
  query: Readonly<{ masterKeyId: string; limit: number }>,
): Promise<readonly ContentRow[]> {
  const { rows } = await sql<ContentRow>`select ${contentColumns} from request_contents
    where master_key_id <> ${query.masterKeyId} limit ${query.limit} for update`.execute(tx);
  return rows;
}

export async function updateSealing(tx: Database, row: ContentRow): Promise<void> {
  await sql`update request_contents set master_key_id = ${row.masterKeyId},
      wrapped_key = ${row.wrappedKey}
    where tenant_id = ${row.tenantId} and request_id = ${row.requestId}`.execute(tx);
}
