/** SQL over what git knows of a repository: the commit of each revision, the ids of small files, objects of tags. */
import { type Database, sql } from '#platform/database.ts';
import type { RefKind } from '../repositories/commit-store.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import type { CommitObject } from '../wire/huggingface/git-object.ts';

/** So long a line is followed at once; an older past begins there. */
const LINE_MAX = 20_000;

export async function insertGitCommit(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  revisionId: string,
  { id, bytes }: CommitObject,
): Promise<void> {
  await sql`
    insert into git_commits (tenant_id, model_id, revision_id, commit_id, object)
    values (${tenantId}, ${modelId}, ${revisionId}, ${id}, ${Buffer.from(bytes)})
    on conflict do nothing`.execute(tx);
}

/** Null for a revision that has none yet. */
export async function selectCommitId(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  revisionId: string,
): Promise<string | null> {
  const { rows } = await sql<{ commitId: string }>`
    select commit_id as "commitId" from git_commits
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and revision_id = ${revisionId}`.execute(database);
  return rows[0]?.commitId ?? null;
}

/** Revisions of these commits, by commit; those that are none are left out. */
export async function selectRevisionsOf(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  commitIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ commitId: string; revisionId: string }>`
    select commit_id as "commitId", revision_id as "revisionId" from git_commits
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and commit_id = any(${commitIds}::text[])`.execute(database);
  return new Map(rows.map(({ commitId, revisionId }) => [commitId, revisionId]));
}

export type GitCommitRow = Readonly<{ revisionId: string; commitId: string; object: Uint8Array }>;

/** A revision's commit and those of the revisions that it was made from, the newest first. */
export async function selectCommitLine(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  revisionId: string,
): Promise<readonly GitCommitRow[]> {
  const { rows } = await sql<GitCommitRow>`
    with recursive line (id, depth) as (
      select ${revisionId}::text, 1
      union all
      select r.parent_id, l.depth + 1 from line l join revisions r
        on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.id
      where r.parent_id is not null and l.depth < ${LINE_MAX})
    select g.revision_id as "revisionId", g.commit_id as "commitId", g.object
    from line l join git_commits g
      on g.tenant_id = ${tenantId} and g.model_id = ${modelId} and g.revision_id = l.id
    order by l.depth`.execute(database);
  return rows;
}

export type UnnamedRevision = Readonly<{
  id: string;
  parentId: string | null;
  message: string;
  author: string;
  createdAt: Date;
}>;

/** From a revision back to the first that has a commit, the oldest first. */
export async function selectUnnamed(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  revisionId: string,
): Promise<readonly UnnamedRevision[]> {
  const { rows } = await sql<UnnamedRevision>`
    with recursive line (id, depth) as (
      select ${revisionId}::text, 1
      union all
      select r.parent_id, l.depth + 1 from line l join revisions r
        on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.id
      where r.parent_id is not null and l.depth < ${LINE_MAX}
        and not exists (select 1 from git_commits g
          where g.tenant_id = ${tenantId} and g.model_id = ${modelId}
            and g.revision_id = r.parent_id))
    select r.id, r.parent_id as "parentId", r.message, r.author, r.created_at as "createdAt"
    from line l join revisions r
      on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.id
    order by l.depth desc`.execute(database);
  return rows;
}

export async function updateGitOids(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  revisionId: string,
  files: readonly Readonly<{ path: string; gitOid: string }>[],
): Promise<void> {
  await sql`
    update files f set git_oid = decode(n.git_oid, 'hex')
    from unnest(${files.map(({ path }) => path)}::text[],
      ${files.map(({ gitOid }) => gitOid)}::text[]) as n (path, git_oid)
    where f.tenant_id = ${tenantId} and f.model_id = ${modelId} and f.revision_id = ${revisionId}
      and f.path = n.path`.execute(database);
}

/** Contents were taken out of revisions: all of them are given commits anew. */
export async function deleteGitCommits(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
): Promise<void> {
  await sql`
    delete from git_commits where tenant_id = ${tenantId} and model_id = ${modelId}`.execute(tx);
}

/** Those of these bytes that some file of the repository is made of, with their size. */
export async function selectContents(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ sha256: string; sizeBytes: number }>`
    select distinct encode(blob_sha256, 'hex') as sha256, size_bytes as "sizeBytes" from files
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and blob_sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))`.execute(
    database,
  );
  return new Map(rows.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
}

export type GitRefRow = Readonly<{
  kind: RefKind;
  name: string;
  revisionId: string;
  tagObject: Uint8Array | null;
}>;

/** Main among the branches. */
export async function selectGitRefs(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
): Promise<readonly GitRefRow[]> {
  const { rows } = await sql<GitRefRow>`
    select 'branch' as kind, 'main' as name, latest_revision_id as "revisionId",
      null::bytea as "tagObject"
    from models
    where tenant_id = ${tenantId} and id = ${modelId} and latest_revision_id is not null
    union all
    select kind, name, revision_id, tag_object from repository_refs
    where tenant_id = ${tenantId} and model_id = ${modelId}`.execute(database);
  return rows;
}

export async function updateTagObject(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  name: string,
  object: Uint8Array,
): Promise<void> {
  await sql`
    update repository_refs set tag_object = ${Buffer.from(object)}
    where tenant_id = ${tenantId} and model_id = ${modelId} and kind = 'tag'
      and name = ${name}`.execute(tx);
}
