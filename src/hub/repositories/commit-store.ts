/** SQL over what commits write: refs, revisions made from others, and which bytes a tenant may name. */
import { type Database, sql } from '#platform/database.ts';
import type { File } from '../api.ts';
import { requireWithinQuota } from '../storage/quota.ts';
import { insertFiles } from '../store.ts';
import type { RepositoryKey } from './repository-store.ts';

export type RefKind = 'branch' | 'tag' | 'pull';
export type Ref = Readonly<{ kind: RefKind; name: string; revisionId: string; message: string }>;

export async function selectRefs(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
): Promise<readonly Ref[]> {
  const { rows } = await sql<Ref>`
    select kind, name, revision_id as "revisionId", message from repository_refs
    where tenant_id = ${tenantId} and model_id = ${modelId} order by kind, name`.execute(database);
  return rows;
}

/** False when there is one of this name already. */
export async function insertRef(tx: Database, key: RepositoryKey, ref: Ref): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into repository_refs (tenant_id, model_id, kind, name, revision_id, message)
    values (${key.tenantId}, ${key.modelId}, ${ref.kind}, ${ref.name}, ${ref.revisionId},
      ${ref.message})
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

export async function updateRef(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  { kind, name, revisionId }: Omit<Ref, 'message'>,
): Promise<void> {
  await sql`
    update repository_refs set revision_id = ${revisionId}
    where tenant_id = ${tenantId} and model_id = ${modelId} and kind = ${kind}
      and name = ${name}`.execute(tx);
}

export async function deleteRef(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  { kind, name }: Pick<Ref, 'kind' | 'name'>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from repository_refs
    where tenant_id = ${tenantId} and model_id = ${modelId} and kind = ${kind}
      and name = ${name}`.execute(tx);
  return numAffectedRows === 1n;
}

/** The files of a revision that is `parentId` but for what is gone and what was put. Raises `storage.quota_exceeded`. */
export async function deriveFiles(
  tx: Database,
  key: RepositoryKey & Readonly<{ revisionId: string; parentId: string | null }>,
  plan: Readonly<{ put: readonly File[]; gone: readonly string[] }>,
): Promise<void> {
  if (key.parentId !== null) {
    await sql`
      insert into files
        (tenant_id, model_id, revision_id, path, blob_sha256, size_bytes, git_oid, is_executable)
      select tenant_id, model_id, ${key.revisionId}, path, blob_sha256, size_bytes, git_oid,
        is_executable
      from files
      where tenant_id = ${key.tenantId} and model_id = ${key.modelId}
        and revision_id = ${key.parentId} and path <> all(${plan.gone}::text[])`.execute(tx);
  }
  await insertFiles(tx, key, plan.put);
  const putBytes = plan.put.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (putBytes > 0) await requireWithinQuota(tx, key.tenantId, putBytes);
}

/**
 * Sizes of those bytes that a tenant may put into its files: those it sent, those of its own files, and
 * those that anybody may fetch. Any other hash is as good as unknown, or naming one would be reading it.
 */
export async function selectHeld(
  database: Database,
  tenantId: string,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ sha256: string; sizeBytes: number }>`
    select encode(b.sha256, 'hex') as sha256, b.size_bytes as "sizeBytes" from blobs b
    where b.sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))
      and (exists (select 1 from uploads u
          where u.tenant_id = ${tenantId} and u.sha256 = b.sha256)
        or exists (select 1 from files f join models m on m.tenant_id = f.tenant_id and m.id = f.model_id
          where f.blob_sha256 = b.sha256 and m.removed_at is null
            and (m.tenant_id = ${tenantId} or (m.visibility = 'public' and m.gated = 'no'))))`.execute(
    database,
  );
  return new Map(rows.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
}

export type StoredFile = Readonly<{
  sha256: string;
  path: string;
  sizeBytes: number;
  createdAt: Date;
}>;

/** Distinct contents of large files in all revisions, each with the path it had last. */
export async function selectStoredFiles(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  limit: number,
): Promise<readonly StoredFile[]> {
  const { rows } = await sql<StoredFile>`
    select distinct on (f.blob_sha256) encode(f.blob_sha256, 'hex') as sha256, f.path,
      f.size_bytes as "sizeBytes", r.created_at as "createdAt"
    from files f join revisions r
      on r.tenant_id = f.tenant_id and r.model_id = f.model_id and r.id = f.revision_id
    where f.tenant_id = ${tenantId} and f.model_id = ${modelId} and f.git_oid is null
    order by f.blob_sha256, r.created_at desc limit ${limit}`.execute(database);
  return rows;
}

/** Takes contents out of every revision; the only thing that ever changes one. */
export async function deleteContents(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  sha256s: readonly string[],
): Promise<void> {
  await sql`
    delete from files where tenant_id = ${tenantId} and model_id = ${modelId}
      and blob_sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))`.execute(
    tx,
  );
}

export type HistoryRow = Readonly<{ id: string; message: string; author: string; createdAt: Date }>;

/** From a revision back through those it was made from, the newest first. */
export async function selectHistory(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  from: string,
  limit: number,
): Promise<readonly HistoryRow[]> {
  const { rows } = await sql<HistoryRow>`
    with recursive line (id, depth) as (
      select ${from}::text, 1
      union all
      select r.parent_id, l.depth + 1 from line l join revisions r
        on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.id
      where r.parent_id is not null and l.depth < ${limit})
    select r.id, r.message, r.author, r.created_at as "createdAt"
    from line l join revisions r
      on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.id
    order by l.depth`.execute(database);
  return rows;
}
