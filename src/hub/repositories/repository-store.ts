/** SQL over repositories as things of their own: names, settings, grants. Content has `commit-store.ts`. */
import { type Database, sql } from '#platform/database.ts';
import type { Gated, RepositoryKind, Visibility } from '../api.ts';
import type { ModelName } from '../name.ts';
import { MODEL, type ModelRow, selectModelByName, visibleTo } from '../store.ts';
import type { Access, Standing } from './access.ts';

export type RepositoryName = ModelName & Readonly<{ kind: RepositoryKind }>;
export type RepositoryKey = Readonly<{ tenantId: string; modelId: string }>;

/** By its name, or by one that it had before, as far as the tenant may see it. */
export async function selectRepository(
  database: Database,
  tenantId: string,
  { kind, owner, name }: RepositoryName,
): Promise<ModelRow | null> {
  const named = await selectModelByName(database, tenantId, { owner, name }, kind);
  if (named !== null) return named;
  const { rows } = await sql<ModelRow>`
    ${MODEL} join former_names f on f.model_id = m.id
    where ${visibleTo(tenantId)} and f.kind = ${kind} and f.owner = ${owner}
      and f.name = ${name}`.execute(database);
  return rows[0] ?? null;
}

/** What a tenant was granted there, and how its request for the files stands. */
export async function selectStanding(
  database: Database,
  tenantId: string,
  modelId: string,
): Promise<Standing> {
  const { rows } = await sql<{ granted: Access | null; request: string | null }>`
    select
      (select role from repository_grants
        where grantee_tenant_id = ${tenantId} and model_id = ${modelId}) as granted,
      (select state from access_requests
        where asker_tenant_id = ${tenantId} and model_id = ${modelId}) as request`.execute(
    database,
  );
  return rows[0] ?? { granted: null, request: null };
}

/** Whoever holds it: two names that differ by case only are one to a file system. */
export async function isNameHeld(
  tx: Database,
  { kind, owner, name }: RepositoryName,
  exceptId: string | null,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from models
    where kind = ${kind} and lower(owner) = ${owner.toLowerCase()}
      and lower(name) = ${name.toLowerCase()} and removed_at is null
      and (${exceptId}::text is null or id <> ${exceptId}) limit 1`.execute(tx);
  return rows.length > 0;
}

export async function countNamespaces(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from namespaces where tenant_id = ${tenantId}`.execute(database);
  return rows[0]?.count ?? 0;
}

export async function updateSettings(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  settings: Readonly<{ visibility: Visibility | null; gated: Gated | null }>,
): Promise<void> {
  await sql`
    update models set visibility = coalesce(${settings.visibility}, visibility),
      gated = coalesce(${settings.gated}, gated), updated_at = now()
    where tenant_id = ${tenantId} and id = ${modelId}`.execute(tx);
}

/** Leaves the old name behind as one that leads here. */
export async function renameRepository(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
  from: RepositoryName,
  to: ModelName,
): Promise<void> {
  await sql`
    update models set owner = ${to.owner}, name = ${to.name}, updated_at = now()
    where tenant_id = ${tenantId} and id = ${modelId}`.execute(tx);
  await sql`
    insert into former_names (kind, owner, name, model_id)
    values (${from.kind}, ${from.owner}, ${from.name}, ${modelId})
    on conflict (kind, owner, name) do update set model_id = excluded.model_id`.execute(tx);
}

/** The name is somebody's again; what had it before is reached by its own only. */
export async function forgetFormerName(tx: Database, name: RepositoryName): Promise<void> {
  await sql`
    delete from former_names
    where kind = ${name.kind} and owner = ${name.owner} and name = ${name.name}`.execute(tx);
}

export type TagsByType = Readonly<
  Record<string, readonly Readonly<{ type: string; id: string; label: string }>[]>
>;

const TAGS_MAX = 500;

export async function selectTags(
  database: Database,
  tenantId: string,
  kind: RepositoryKind,
): Promise<TagsByType> {
  const { rows } = await sql<{ type: string; id: string; label: string }>`
    with seen as (select m.license, m.card, r.metadata from models m
      left join revisions r
        on r.tenant_id = m.tenant_id and r.model_id = m.id and r.id = m.latest_revision_id
      where ${visibleTo(tenantId)} and m.kind = ${kind})
    select distinct type, id, label from (
      select 'license' as type, 'license:' || lower(license) as id, license as label from seen
      union all
      select 'library', metadata -> 'weights' ->> 'format', metadata -> 'weights' ->> 'format' from seen
      union all
      select 'other', tag, tag from seen, jsonb_array_elements_text(coalesce(card -> 'tags', '[]')) as tag
    ) as tags where id is not null order by type, id limit ${TAGS_MAX}`.execute(database);
  const byType = Map.groupBy(rows, ({ type }) => type);
  return { license: [], library: [], other: [], ...Object.fromEntries(byType) };
}

export async function lockRepository(
  tx: Database,
  { tenantId, modelId }: RepositoryKey,
): Promise<Readonly<{ latestRevisionId: string | null }> | null> {
  const { rows } = await sql<{ latestRevisionId: string | null }>`
    select latest_revision_id as "latestRevisionId" from models
    where tenant_id = ${tenantId} and id = ${modelId} and removed_at is null for update`.execute(
    tx,
  );
  return rows[0] ?? null;
}
