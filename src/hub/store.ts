/** All SQL over models, revisions, files, blobs and lineage. Imports have `import-store.ts`. */
import { type Database, sql } from '#platform/database.ts';
import type { File, Gated, RepositoryKind, Visibility, Weights } from './api.ts';
import type { CardFacts } from './catalogue/card-facts.ts';
import type { ModelName } from './name.ts';

/** What a revision's row keeps of its weights. */
export type RevisionMetadata = Readonly<{
  weights: Weights | null;
  /** Files of the weights, the one to open first. */
  parts: readonly string[];
  hasChatTemplate: boolean;
}>;

export type ModelRow = Readonly<{
  id: string;
  tenantId: string;
  kind: RepositoryKind;
  owner: string;
  name: string;
  visibility: Visibility;
  gated: Gated;
  license: string | null;
  /** Some of it, or nothing, of a row that no revision has filled since the catalogue is there. */
  card: Partial<CardFacts>;
  latestRevisionId: string | null;
  createdAt: Date;
  updatedAt: Date;
  metadata: RevisionMetadata | null;
  sizeBytes: number | null;
  likes: number | null;
  /** In the last 30 days. */
  downloads: number | null;
  downloadsAllTime: number | null;
  trending: number | null;
}>;

export type RevisionRow = Readonly<{
  id: string;
  modelId: string;
  tenantId: string;
  message: string;
  metadata: RevisionMetadata;
  sizeBytes: number;
  /** The revision it was made from; null for the first. */
  parentId: string | null;
  author: string;
  createdAt: Date;
}>;

export const MODEL = sql`
  select m.id, m.tenant_id as "tenantId", m.kind, m.owner, m.name, m.visibility, m.gated, m.license,
    m.card,
    m.latest_revision_id as "latestRevisionId", m.created_at as "createdAt",
    m.updated_at as "updatedAt", r.metadata, r.size_bytes as "sizeBytes",
    c.likes, c.downloads, c.downloads_all_time as "downloadsAllTime", c.trending
  from models m
  left join catalogue c on c.tenant_id = m.tenant_id and c.model_id = m.id
  left join revisions r
    on r.tenant_id = m.tenant_id and r.model_id = m.id and r.id = m.latest_revision_id`;

/**
 * What a tenant may see: what is public, its own, what it was let into, and with any account what is
 * internal. The empty text is nobody's.
 */
export const visibleTo = (tenantId: string) =>
  sql`m.removed_at is null and ${visibleIn('m', 'id', tenantId)}`;

/** The same of a table that has visibility and tenant, and the model's id in a column. */
export const visibleIn = (table: string, idColumn: string, tenantId: string) =>
  sql`(${sql.ref(`${table}.visibility`)} = 'public' or ${sql.ref(`${table}.tenant_id`)} = ${tenantId}
    or (${sql.ref(`${table}.visibility`)} = 'internal' and ${tenantId} <> '')
    or exists (select 1 from repository_grants g
      where g.grantee_tenant_id = ${tenantId} and g.model_id = ${sql.ref(`${table}.${idColumn}`)}))`;

/** In no order; whoever asks knows that these may be seen. */
export async function selectModelsByIds(
  database: Database,
  ids: readonly string[],
): Promise<readonly ModelRow[]> {
  const { rows } = await sql<ModelRow>`
    ${MODEL} where m.removed_at is null and m.id = any(${ids}::text[])`.execute(database);
  return rows;
}

export async function selectModelByName(
  database: Database,
  tenantId: string,
  { owner, name }: ModelName,
  kind: RepositoryKind = 'model',
): Promise<ModelRow | null> {
  const { rows } = await sql<ModelRow>`
    ${MODEL} where ${visibleTo(tenantId)}
      and m.kind = ${kind} and m.owner = ${owner} and m.name = ${name}`.execute(database);
  return rows[0] ?? null;
}

/** Whoever owns it: for processes of the cloud itself, which act for no tenant. */
export async function selectModelById(database: Database, id: string): Promise<ModelRow | null> {
  const { rows } = await sql<ModelRow>`
    ${MODEL} where m.removed_at is null and m.id = ${id}`.execute(database);
  return rows[0] ?? null;
}

/** Models with weights: a repository that is still empty, or holds data, has nothing to serve. */
export async function selectLiveModels(database: Database): Promise<readonly ModelRow[]> {
  const { rows } = await sql<ModelRow>`
    ${MODEL} where m.removed_at is null and m.kind = 'model'
      and jsonb_typeof(r.metadata -> 'weights') = 'object' order by m.id`.execute(database);
  return rows;
}

/** Of these ids, also where they were removed since: money goes on naming them. */
export async function selectIdentities(
  database: Database,
  modelIds: readonly string[],
): Promise<readonly Readonly<{ id: string; tenantId: string; name: string }>[]> {
  const { rows } = await sql<{ id: string; tenantId: string; name: string }>`
    select id, tenant_id as "tenantId", owner || '/' || name as name from models
    where id = any(${modelIds}::text[])`.execute(database);
  return rows;
}

/** Who holds a live name, whatever its visibility; locks the row for the transaction. */
export async function lockModelName(
  tx: Database,
  { owner, name }: ModelName,
  kind: RepositoryKind = 'model',
): Promise<Readonly<{ id: string; tenantId: string; latestRevisionId: string | null }> | null> {
  const { rows } = await sql<{ id: string; tenantId: string; latestRevisionId: string | null }>`
    select id, tenant_id as "tenantId", latest_revision_id as "latestRevisionId" from models
    where kind = ${kind} and owner = ${owner} and name = ${name} and removed_at is null
    for update`.execute(tx);
  return rows[0] ?? null;
}

/** Does nothing when the name is taken by then. */
export async function insertModel(
  tx: Database,
  model: ModelName &
    Readonly<{ id: string; tenantId: string; visibility: string; kind?: RepositoryKind }>,
): Promise<void> {
  await sql`
    insert into models (tenant_id, id, kind, owner, name, visibility)
    values (${model.tenantId}, ${model.id}, ${model.kind ?? 'model'}, ${model.owner}, ${model.name},
      ${model.visibility})
    on conflict (kind, owner, name) where removed_at is null do nothing`.execute(tx);
}

export async function updateModelContent(
  tx: Database,
  model: Readonly<{
    tenantId: string;
    id: string;
    latestRevisionId: string;
    license: string | null;
    card: Partial<CardFacts>;
  }>,
): Promise<void> {
  await sql`
    update models set latest_revision_id = ${model.latestRevisionId}, license = ${model.license},
      card = ${JSON.stringify(model.card)}, updated_at = now()
    where tenant_id = ${model.tenantId} and id = ${model.id}`.execute(tx);
}

/** Repositories that no revision has filled since the catalogue is there, by id. */
export async function selectUncatalogued(
  database: Database,
  page: Readonly<{ after: string; limit: number }>,
): Promise<readonly ModelRow[]> {
  const { rows } = await sql<ModelRow>`
    ${MODEL} where m.removed_at is null and m.id > ${page.after} and not m.card ? 'terms'
    order by m.id limit ${page.limit}`.execute(database);
  return rows;
}

export async function updateCard(
  tx: Database,
  model: Readonly<{ tenantId: string; id: string; card: CardFacts }>,
): Promise<void> {
  await sql`
    update models set card = ${JSON.stringify(model.card)}
    where tenant_id = ${model.tenantId} and id = ${model.id}`.execute(tx);
}

export async function selectRevisions(
  database: Database,
  key: Readonly<{ tenantId: string; modelId: string; revisionId: string | null; limit: number }>,
): Promise<readonly RevisionRow[]> {
  const { rows } = await sql<RevisionRow>`
    select id, model_id as "modelId", tenant_id as "tenantId", message, metadata,
      size_bytes as "sizeBytes", parent_id as "parentId", author, created_at as "createdAt"
    from revisions
    where tenant_id = ${key.tenantId} and model_id = ${key.modelId}
      and (${key.revisionId}::text is null or id = ${key.revisionId})
    order by created_at desc, id limit ${key.limit}`.execute(database);
  return rows;
}

/** True when it was not there before. */
export async function insertRevision(
  tx: Database,
  revision: Omit<RevisionRow, 'createdAt'>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into revisions (tenant_id, model_id, id, message, metadata, size_bytes, parent_id, author)
    values (${revision.tenantId}, ${revision.modelId}, ${revision.id}, ${revision.message},
      ${JSON.stringify(revision.metadata)}, ${revision.sizeBytes}, ${revision.parentId},
      ${revision.author})
    on conflict do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

type RevisionKey = Readonly<{ tenantId: string; modelId: string; revisionIds: readonly string[] }>;

/** Of a row that says more: the file alone. */
export function fileOf({ path, sizeBytes, sha256, gitOid, isExecutable }: File): File {
  return {
    path,
    sizeBytes,
    sha256,
    ...(gitOid !== undefined && { gitOid }),
    ...(isExecutable === true && { isExecutable }),
  };
}

type FileRow = Omit<File, 'gitOid' | 'isExecutable'> &
  Readonly<{ revisionId: string; gitOid: string | null; isExecutable: boolean }>;

export async function selectFiles(
  database: Database,
  { tenantId, modelId, revisionIds }: RevisionKey,
): Promise<readonly (File & Readonly<{ revisionId: string }>)[]> {
  const { rows } = await sql<FileRow>`
    select revision_id as "revisionId", path, size_bytes as "sizeBytes",
      encode(blob_sha256, 'hex') as sha256, encode(git_oid, 'hex') as "gitOid",
      is_executable as "isExecutable"
    from files
    where tenant_id = ${tenantId} and model_id = ${modelId} and revision_id = any(${revisionIds})
    order by revision_id, path collate "C"`.execute(database);
  return rows.map(({ gitOid, isExecutable, ...file }) => ({
    ...file,
    ...(gitOid !== null && { gitOid }),
    ...(isExecutable && { isExecutable }),
  }));
}

export async function insertFiles(
  tx: Database,
  key: Readonly<{ tenantId: string; modelId: string; revisionId: string }>,
  files: readonly File[],
): Promise<void> {
  await sql`
    insert into files
      (tenant_id, model_id, revision_id, path, blob_sha256, size_bytes, git_oid, is_executable)
    select ${key.tenantId}, ${key.modelId}, ${key.revisionId}, path, decode(sha256, 'hex'), size_bytes,
      decode(git_oid, 'hex'), is_executable
    from unnest(${files.map((file) => file.path)}::text[], ${files.map((file) => file.sha256)}::text[],
      ${files.map((file) => file.sizeBytes)}::bigint[], ${files.map(({ gitOid }) => gitOid ?? null)}::text[],
      ${files.map((file) => file.isExecutable === true)}::boolean[])
      as f (path, sha256, size_bytes, git_oid, is_executable)`.execute(tx);
}

/**
 * Inserts the rows or locks those that are there, in one order for everybody: until the transaction
 * ends nobody else adds or removes these blobs.
 */
export async function lockBlobs(
  tx: Database,
  blobs: readonly Readonly<{ sha256: string; sizeBytes: number }>[],
): Promise<void> {
  const sorted = [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()].toSorted((a, b) =>
    a.sha256 < b.sha256 ? -1 : 1,
  );
  await sql`
    insert into blobs (sha256, size_bytes)
    select decode(sha256, 'hex'), size_bytes
    from unnest(${sorted.map((blob) => blob.sha256)}::text[],
      ${sorted.map((blob) => blob.sizeBytes)}::bigint[]) as b (sha256, size_bytes)
    on conflict (sha256) do update set size_bytes = blobs.size_bytes,
      chunk_at = coalesce(blobs.chunk_at, now())`.execute(tx);
}

/** Deletes those of the locked blobs that no file refers to, and names them. */
export async function deleteUnreferencedBlobs(
  tx: Database,
  sha256s: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ sha256: string }>`
    delete from blobs b
    where b.sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))
      and not exists (select 1 from files f where f.blob_sha256 = b.sha256)
      and not exists (select 1 from uploads u where u.sha256 = b.sha256)
    returning encode(b.sha256, 'hex') as sha256`.execute(tx);
  return rows.map((row) => row.sha256);
}

/** Which of these have a row. */
export async function selectKnownBlobs(
  database: Database,
  sha256s: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ sha256: string }>`
    select encode(sha256, 'hex') as sha256 from blobs
    where sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as u (s))`.execute(
    database,
  );
  return new Set(rows.map((row) => row.sha256));
}

export async function selectBlobSize(database: Database, sha256: string): Promise<number | null> {
  const { rows } = await sql<{ sizeBytes: number }>`
    select size_bytes as "sizeBytes" from blobs where sha256 = decode(${sha256}, 'hex')`.execute(
    database,
  );
  return rows[0]?.sizeBytes ?? null;
}

/** What goes with a repository; revisions last, for refs name them. */
const OF_REPOSITORY = [
  'downloads_daily',
  'downloaders',
  'discussions',
  'repository_likes',
  'repository_like_counts',
  'repository_refs',
  'repository_grants',
  'access_requests',
  'revisions',
];

/** Takes the model away with its revisions and files; the row stays for what refers to it. */
export async function removeModelRows(
  tx: Database,
  key: Readonly<{ tenantId: string; id: string }>,
): Promise<readonly string[]> {
  const where = sql`where tenant_id = ${key.tenantId} and model_id = ${key.id}`;
  const { rows } = await sql<{ sha256: string }>`
    delete from files ${where} returning encode(blob_sha256, 'hex') as sha256`.execute(tx);
  for (const table of OF_REPOSITORY) {
    await sql`delete from ${sql.table(table)} ${where}`.execute(tx);
  }
  await sql`delete from former_names where model_id = ${key.id}`.execute(tx);
  await sql`delete from collection_items where model_id = ${key.id}`.execute(tx);
  await sql`delete from lineage ${where}`.execute(tx);
  await sql`update lineage set base_model_id = null where base_model_id = ${key.id}`.execute(tx);
  await sql`
    update models set removed_at = now(), latest_revision_id = null, updated_at = now()
    where tenant_id = ${key.tenantId} and id = ${key.id}`.execute(tx);
  return [...new Set(rows.map((row) => row.sha256))];
}
