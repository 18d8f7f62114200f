/** SQL over what a scrub reads: blobs in order, of everything or of one repository, and whom they belong to. */
import { type Database, sql } from '#platform/database.ts';
import type { RepositoryKind } from '../api.ts';
import type { ModelName } from '../name.ts';

export type BlobTarget = Readonly<{
  sha256: string;
  sizeBytes: number;
  /** No file and no upload needs it, since a while. */
  isOrphan: boolean;
}>;

const BLOB = (orphanBefore: Date) => sql`
  select encode(b.sha256, 'hex') as sha256, b.size_bytes as "sizeBytes",
    b.created_at < ${orphanBefore}
      and not exists (select 1 from files f where f.blob_sha256 = b.sha256)
      and not exists (select 1 from uploads u where u.sha256 = b.sha256) as "isOrphan"
  from blobs b`;

export async function selectBlobsAfter(
  database: Database,
  page: Readonly<{ after: string | null; limit: number; orphanBefore: Date }>,
): Promise<readonly BlobTarget[]> {
  const { rows } = await sql<BlobTarget>`
    ${BLOB(page.orphanBefore)}
    where ${page.after}::text is null or b.sha256 > decode(${page.after}, 'hex')
    order by b.sha256 limit ${page.limit}`.execute(database);
  return rows;
}

export async function selectBlob(
  database: Database,
  sha256: string,
  orphanBefore: Date,
): Promise<BlobTarget | null> {
  const { rows } = await sql<BlobTarget>`
    ${BLOB(orphanBefore)} where b.sha256 = decode(${sha256}, 'hex')`.execute(database);
  return rows[0] ?? null;
}

/** Whoever may see it: the operator checks what everybody keeps. Null when there is none. */
export async function selectRepositoryId(
  database: Database,
  { kind, owner, name }: ModelName & Readonly<{ kind: RepositoryKind }>,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from models
    where kind = ${kind} and owner = ${owner} and name = ${name} and removed_at is null`.execute(
    database,
  );
  return rows[0]?.id ?? null;
}

/** Files of a repository, all its revisions. */
export async function selectBlobsOf(
  database: Database,
  repositoryId: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ sha256: string }>`
    select distinct encode(blob_sha256, 'hex') as sha256 from files
    where model_id = ${repositoryId} order by 1`.execute(database);
  return rows.map(({ sha256 }) => sha256);
}

export type Hit = Readonly<{ kind: string; repository: string; revision: string; path: string }>;

/** Where these bytes are files, the latest revisions first. */
export async function selectHits(
  database: Database,
  sha256s: readonly string[],
  limit: number,
): Promise<readonly Hit[]> {
  const { rows } = await sql<Hit>`
    select m.kind, m.owner || '/' || m.name as repository, f.revision_id as revision, f.path
    from files f
    join models m on m.tenant_id = f.tenant_id and m.id = f.model_id
    join revisions r
      on r.tenant_id = f.tenant_id and r.model_id = f.model_id and r.id = f.revision_id
    where f.blob_sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))
      and m.removed_at is null
    order by r.created_at desc, repository, f.path limit ${limit}`.execute(database);
  return rows;
}
