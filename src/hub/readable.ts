/**
 * Which bytes somebody may know of, for the storage below, which knows bytes but not repositories: those of
 * files in repositories that a tenant may read, and those that it sent itself.
 */
import { type Database, sql } from '#platform/database.ts';
import { visibleTo } from './store.ts';

export type ReadScope = Readonly<{
  /** The empty text is nobody's: it reads what is public. */
  tenantId: string;
  /** Within this repository alone, beside what the tenant sent. */
  repositoryId?: string;
}>;

/** Those of the files, by their SHA-256, that the tenant may read. */
export async function selectReadable(
  database: Database,
  { tenantId, repositoryId }: ReadScope,
  sha256s: readonly string[],
): Promise<ReadonlySet<string>> {
  if (sha256s.length === 0) return new Set();
  const { rows } = await sql<{ sha256: string }>`
    select s as sha256 from unnest(${sha256s}::text[]) as u (s)
    where exists (
        select 1 from uploads up
        where up.tenant_id = ${tenantId} and up.sha256 = decode(s, 'hex'))
      or exists (
        select 1 from files f join models m on m.tenant_id = f.tenant_id and m.id = f.model_id
        where f.blob_sha256 = decode(s, 'hex') and ${visibleTo(tenantId)}
          and (${repositoryId ?? null}::text is null or m.id = ${repositoryId ?? null})
          and (m.gated = 'no' or m.tenant_id = ${tenantId}
            or exists (select 1 from repository_grants g
              where g.grantee_tenant_id = ${tenantId} and g.model_id = m.id)
            or exists (select 1 from access_requests a
              where a.asker_tenant_id = ${tenantId} and a.model_id = m.id
                and a.state = 'accepted')))`.execute(database);
  return new Set(rows.map(({ sha256 }) => sha256));
}
