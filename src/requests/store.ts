/** SQL of what projects want done with their requests. */
import { type Database, sql } from '#platform/database.ts';

export type ProjectKey = Readonly<{ tenantId: string; projectId: string }>;

export type CacheRow = ProjectKey &
  Readonly<{
    isEnabled: boolean;
    generation: number;
    ttlSeconds: number;
    entryBytesMax: number;
    bytesMax: number;
    entriesMax: number;
    cachesSampled: boolean;
    updatedAt: Date;
  }>;

const columns = sql`tenant_id as "tenantId", project_id as "projectId", is_enabled as "isEnabled",
  generation, ttl_seconds as "ttlSeconds", entry_bytes_max as "entryBytesMax",
  bytes_max as "bytesMax", entries_max as "entriesMax", caches_sampled as "cachesSampled",
  updated_at as "updatedAt"`;

/** The question that the foreign key will ask, put first so that the answer is a plain one. */
export async function isProject(database: Database, key: ProjectKey): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select 1 from projects
      where tenant_id = ${key.tenantId} and id = ${key.projectId}) as found`.execute(database);
  return rows[0]?.found ?? false;
}

export async function selectCache(database: Database, key: ProjectKey): Promise<CacheRow | null> {
  const { rows } = await sql<CacheRow>`select ${columns} from project_caches
    where tenant_id = ${key.tenantId} and project_id = ${key.projectId}`.execute(database);
  return rows[0] ?? null;
}

export async function upsertCache(
  database: Database,
  row: Omit<CacheRow, 'generation'>,
): Promise<void> {
  await sql`insert into project_caches (tenant_id, project_id, is_enabled, ttl_seconds,
      entry_bytes_max, bytes_max, entries_max, caches_sampled, updated_at)
    values (${row.tenantId}, ${row.projectId}, ${row.isEnabled}, ${row.ttlSeconds},
      ${row.entryBytesMax}, ${row.bytesMax}, ${row.entriesMax}, ${row.cachesSampled},
      ${row.updatedAt})
    on conflict (tenant_id, project_id) do update set is_enabled = excluded.is_enabled,
      ttl_seconds = excluded.ttl_seconds, entry_bytes_max = excluded.entry_bytes_max,
      bytes_max = excluded.bytes_max, entries_max = excluded.entries_max,
      caches_sampled = excluded.caches_sampled, updated_at = excluded.updated_at`.execute(database);
}

export async function bumpGeneration(database: Database, key: ProjectKey): Promise<void> {
  await sql`update project_caches set generation = generation + 1
    where tenant_id = ${key.tenantId} and project_id = ${key.projectId}`.execute(database);
}

/** Of every tenant, for the feed. */
export async function selectEnabledCaches(database: Database): Promise<readonly CacheRow[]> {
  const { rows } = await sql<CacheRow>`select ${columns} from project_caches where is_enabled
    order by tenant_id, project_id`.execute(database);
  return rows;
}
