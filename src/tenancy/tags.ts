/** Words that a tenant puts on its projects and keys, to add up what belongs together. */
import { type Database, sql } from '#platform/database.ts';

export type TagLevel = 'project' | 'key';
export type TagRow = Readonly<{ level: TagLevel; scopeId: string; tag: string }>;

/** Of a tenant; more keys than that are grouped by projects. */
const TAGS_MAX = 5_000;
const KEYS_MAX = 2_000;

export async function selectTags(database: Database, tenantId: string): Promise<readonly TagRow[]> {
  const { rows } = await sql<TagRow>`select level, scope_id as "scopeId", tag from tags
    where tenant_id = ${tenantId} order by tag, level, scope_id limit ${TAGS_MAX}`.execute(
    database,
  );
  return rows;
}

/** In place of those that were there. */
export async function replaceTags(
  tx: Database,
  of: Readonly<{
    tenantId: string;
    level: TagLevel;
    scopeId: string;
    tags: readonly string[];
  }>,
): Promise<void> {
  await sql`delete from tags where tenant_id = ${of.tenantId} and level = ${of.level}
    and scope_id = ${of.scopeId}`.execute(tx);
  await sql`insert into tags (tenant_id, level, scope_id, tag)
    select distinct ${of.tenantId}, ${of.level}, ${of.scopeId}, tag
    from unnest(${of.tags}::text[]) as new (tag)`.execute(tx);
}

/** Rows `tenant_id, key_id, tag`: what each key carries itself or by its project. Of every tenant. */
export const tagsOfKeys = sql`(
  select distinct k.tenant_id, k.id as key_id, t.tag
  from keys k join tags t on t.tenant_id = k.tenant_id
    and ((t.level = 'key' and t.scope_id = k.id)
      or (t.level = 'project' and t.scope_id = k.project_id)))`;

/** Keys that carry the tag themselves or by their project, revoked ones too: they spent. */
export async function selectKeyIdsOfTag(
  database: Database,
  query: Readonly<{ tenantId: string; tag: string }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct k.id from keys k join tags t on t.tenant_id = k.tenant_id
      and ((t.level = 'key' and t.scope_id = k.id)
        or (t.level = 'project' and t.scope_id = k.project_id))
    where k.tenant_id = ${query.tenantId} and t.tag = ${query.tag}
    order by k.id limit ${KEYS_MAX}`.execute(database);
  return rows.map(({ id }) => id);
}
