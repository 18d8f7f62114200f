/** SQL over lineage: what a model says it comes from, linked to models of this hub where they are. */
import { type Database, sql } from '#platform/database.ts';
import type { Base } from './api.ts';
import type { BaseClaim } from './card.ts';

/** Replaces what the model claimed before, and links both ways what this hub holds by now. */
export async function replaceLineage(
  tx: Database,
  model: Readonly<{ tenantId: string; id: string; fullName: string }>,
  bases: readonly BaseClaim[],
): Promise<void> {
  const { tenantId, id, fullName } = model;
  await sql`delete from lineage where tenant_id = ${tenantId} and model_id = ${id}`.execute(tx);
  const others = bases.filter((base) => base.name !== fullName);
  // A tenant's private model is a base for that tenant alone, or its existence would leak.
  await sql`
    insert into lineage (tenant_id, model_id, base_name, relation, base_model_id)
    select ${tenantId}, ${id}, c.name, c.relation, b.id
    from unnest(${others.map((base) => base.name)}::text[],
      ${others.map((base) => base.relation)}::text[]) as c (name, relation)
    left join models b on b.kind = 'model' and b.owner || '/' || b.name = c.name and b.removed_at is null
      and (b.visibility = 'public' or b.tenant_id = ${tenantId})`.execute(tx);
  await sql`
    update lineage l set base_model_id = ${id}
    from models m
    where m.id = ${id} and l.base_model_id is null and l.base_name = ${fullName}
      and (m.visibility = 'public' or l.tenant_id = m.tenant_id)`.execute(tx);
}

/** The bases of each model; one that the tenant may not see has no id. */
export async function selectBases(
  database: Database,
  tenantId: string,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Base[]>> {
  const { rows } = await sql<Base & { childId: string }>`
    select l.model_id as "childId", l.base_name as name, l.relation, b.id as "modelId"
    from lineage l
    left join models b on b.id = l.base_model_id and b.removed_at is null
      and (b.visibility = 'public' or b.tenant_id = ${tenantId})
    where l.model_id = any(${modelIds})
    order by l.model_id, l.base_name`.execute(database);
  const bases = new Map<string, Base[]>();
  for (const { childId, ...base } of rows) {
    bases.set(childId, [...(bases.get(childId) ?? []), base]);
  }
  return bases;
}

/** The adapter's base in this hub, for serving. */
export async function selectAdapterBase(
  database: Database,
  modelId: string,
): Promise<Readonly<{ name: string; modelId: string | null }> | null> {
  const { rows } = await sql<{ name: string; modelId: string | null }>`
    select base_name as name, base_model_id as "modelId" from lineage
    where model_id = ${modelId} and relation = 'adapter'
    order by base_model_id is null, base_name limit 1`.execute(database);
  return rows[0] ?? null;
}

/** The base of every live adapter whose base is in this hub: adapter → base, by model id. */
export async function selectAdapterBases(database: Database): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ adapter: string; base: string }>`
    select distinct on (model_id) model_id as adapter, base_model_id as base from lineage
    where relation = 'adapter' and base_model_id is not null
    order by model_id, base_name`.execute(database);
  return new Map(rows.map(({ adapter, base }) => [adapter, base]));
}

/** Models that name this one as their base, as far as the tenant may see them. */
export async function selectDerivatives(
  database: Database,
  query: Readonly<{ tenantId: string; modelId: string; limit: number }>,
): Promise<readonly Readonly<{ name: string; relation: string }>[]> {
  const { rows } = await sql<{ name: string; relation: string }>`
    select m.owner || '/' || m.name as name, l.relation
    from lineage l join models m on m.tenant_id = l.tenant_id and m.id = l.model_id
    where l.base_model_id = ${query.modelId} and m.removed_at is null
      and (m.visibility = 'public' or m.tenant_id = ${query.tenantId})
    order by m.id desc limit ${query.limit}`.execute(database);
  return rows;
}
