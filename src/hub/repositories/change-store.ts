/** SQL over what each revision changed against the one it was made from. */
import { type Database, sql } from '#platform/database.ts';
import type { Touch } from './last-commits.ts';
import type { RepositoryKey } from './repository-store.ts';

/** Paths that the newest `limit` revisions put, changed or took away, from a revision back. */
export async function selectTouches(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  from: string,
  limit: number,
): Promise<readonly Touch[]> {
  const { rows } = await sql<Touch>`
    with recursive line (id, parent_id, depth) as (
      select r.id, r.parent_id, 1 from revisions r
      where r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = ${from}
      union all
      select r.id, r.parent_id, l.depth + 1 from line l join revisions r
        on r.tenant_id = ${tenantId} and r.model_id = ${modelId} and r.id = l.parent_id
      where l.depth < ${limit})
    select l.depth, f.path from line l join files f
      on f.tenant_id = ${tenantId} and f.model_id = ${modelId} and f.revision_id = l.id
    where not exists (select 1 from files p
      where p.tenant_id = ${tenantId} and p.model_id = ${modelId} and p.revision_id = l.parent_id
        and p.path = f.path and p.blob_sha256 = f.blob_sha256)
    union all
    select l.depth, p.path from line l join files p
      on p.tenant_id = ${tenantId} and p.model_id = ${modelId} and p.revision_id = l.parent_id
    where not exists (select 1 from files f
      where f.tenant_id = ${tenantId} and f.model_id = ${modelId} and f.revision_id = l.id
        and f.path = p.path)`.execute(database);
  return rows;
}
