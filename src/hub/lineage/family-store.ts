/** SQL over families: who was made from whom, as far as the caller may see them, and what was measured. */
import { type Database, sql } from '#platform/database.ts';
import type { Base } from '../api.ts';
import { visibleIn } from '../store.ts';
import type { Edge, Facts } from './family.ts';

const DEPTH_MAX = 8;
/** A page shows fewer; the rest is counted. */
const EDGES_MAX = 2_000;
const COUNTED_MAX = 10_000;

const seen = (tenantId: string) => sql`m.removed_at is null and ${visibleIn('m', 'id', tenantId)}`;

type EdgeRow = Omit<Edge, 'shared'> &
  Readonly<{ sharedBytes: number | null; totalBytes: number | null }>;

const EDGE = sql`
  select d.child as "childId", d.base as "baseId", d.base_name as "baseName", d.relation,
    s.shared_bytes as "sharedBytes", s.total_bytes as "totalBytes"
  from distinct_edges d
  left join lineage_shared s on s.model_id = d.child and s.base_model_id = d.base`;

/** Nearest first. */
export async function selectDescendants(
  database: Database,
  tenantId: string,
  rootId: string,
): Promise<readonly Edge[]> {
  const { rows } = await sql<EdgeRow>`
    with recursive down as (
      select l.model_id as child, l.base_model_id as base, l.base_name, l.relation, 1 as depth
      from lineage l join models m on m.id = l.model_id
      where l.base_model_id = ${rootId} and ${seen(tenantId)}
      union
      select l.model_id, l.base_model_id, l.base_name, l.relation, d.depth + 1
      from down d join lineage l on l.base_model_id = d.child join models m on m.id = l.model_id
      where d.depth < ${DEPTH_MAX} and d.child <> ${rootId} and ${seen(tenantId)}),
    distinct_edges as (
      select child, base, base_name, relation, min(depth) as depth from down
      group by child, base, base_name, relation order by min(depth) limit ${EDGES_MAX})
    ${EDGE} order by d.depth, d.child`.execute(database);
  return rows.map((row) => edgeOf(row));
}

/** A base that the caller may not see has its name in the card, and no more. */
export async function selectAncestors(
  database: Database,
  tenantId: string,
  rootId: string,
): Promise<readonly Edge[]> {
  const { rows } = await sql<EdgeRow>`
    with recursive up as (
      select l.model_id as child, m.id as base, l.base_name, l.relation, 1 as depth
      from lineage l left join models m on m.id = l.base_model_id and ${seen(tenantId)}
      where l.model_id = ${rootId}
      union
      select l.model_id, m.id, l.base_name, l.relation, u.depth + 1
      from up u join lineage l on l.model_id = u.base
      left join models m on m.id = l.base_model_id and ${seen(tenantId)}
      where u.depth < ${DEPTH_MAX} and u.base <> ${rootId}),
    distinct_edges as (
      select child, base, base_name, relation, min(depth) as depth from up
      group by child, base, base_name, relation order by min(depth) limit ${EDGES_MAX})
    ${EDGE} order by d.depth, d.child`.execute(database);
  return rows.map((row) => edgeOf(row));
}

function edgeOf({ sharedBytes, totalBytes, ...edge }: EdgeRow): Edge {
  const isMeasured = sharedBytes !== null && totalBytes !== null;
  return { ...edge, shared: isMeasured ? { sharedBytes, totalBytes } : null };
}

type RelationCounts = Record<Base['relation'], number>;

/** Each derivative once, by the relation of its first claim. */
export async function countRelations(
  database: Database,
  tenantId: string,
  rootId: string,
): Promise<Readonly<{ children: RelationCounts; descendants: RelationCounts }>> {
  const { rows } = await sql<{ relation: Base['relation']; children: number; descendants: number }>`
    with recursive down as (
      select l.model_id as id from lineage l join models m on m.id = l.model_id
      where l.base_model_id = ${rootId} and ${seen(tenantId)}
      union
      select l.model_id from down d join lineage l on l.base_model_id = d.id
      join models m on m.id = l.model_id where ${seen(tenantId)}),
    members as (select id from down where id <> ${rootId} limit ${COUNTED_MAX}),
    claims as (
      select distinct on (l.model_id) l.model_id, l.relation,
        exists (select 1 from lineage o where o.model_id = l.model_id and o.base_model_id = ${rootId})
          as is_child
      from members d join lineage l on l.model_id = d.id and l.base_model_id is not null
      order by l.model_id, l.base_model_id = ${rootId} desc, l.base_name)
    select relation, count(*) filter (where is_child) as children, count(*) as descendants
    from claims group by relation`.execute(database);
  const none: RelationCounts = { adapter: 0, finetune: 0, quantized: 0, merge: 0 };
  const of = (key: 'children' | 'descendants'): RelationCounts => ({
    ...none,
    ...Object.fromEntries(rows.map((row) => [row.relation, row[key]])),
  });
  return { children: of('children'), descendants: of('descendants') };
}

/** Of those that the caller may see. */
export async function selectFacts(
  database: Database,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Facts>> {
  const { rows } = await sql<Facts & { id: string }>`
    select m.id, m.owner || '/' || m.name as name, coalesce(c.downloads, 0) as downloads,
      coalesce(c.likes, 0) as likes, nullif(r.metadata -> 'weights', 'null') as weights
    from models m
    left join catalogue c on c.tenant_id = m.tenant_id and c.model_id = m.id
    left join revisions r on r.tenant_id = m.tenant_id and r.model_id = m.id
      and r.id = m.latest_revision_id
    where m.id = any(${ids}::text[]) and ${seen(tenantId)}`.execute(database);
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}
