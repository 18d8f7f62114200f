/** SQL over namespaces: which tenant holds the first part of a repository's name. */
import { type Database, sql } from '#platform/database.ts';

/** True when the tenant holds it now, by having claimed it first. Locks it for the transaction. */
export async function claimNamespace(
  tx: Database,
  owner: string,
  tenantId: string,
): Promise<boolean> {
  const name = owner.toLowerCase();
  await sql`
    insert into namespaces (name, tenant_id) values (${name}, ${tenantId})
    on conflict (name) do nothing`.execute(tx);
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from namespaces where name = ${name} for update`.execute(tx);
  return rows[0]?.tenantId === tenantId;
}

/** Whose it is; null when nobody's. */
export async function selectNamespace(database: Database, owner: string): Promise<string | null> {
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from namespaces where name = ${owner.toLowerCase()}`.execute(
    database,
  );
  return rows[0]?.tenantId ?? null;
}

/** Those of a tenant, its default first. */
export async function selectNamespaces(
  database: Database,
  tenantId: string,
  limit: number,
): Promise<readonly Readonly<{ name: string; isDefault: boolean }>[]> {
  const { rows } = await sql<{ name: string; isDefault: boolean }>`
    select name, is_default as "isDefault" from namespaces where tenant_id = ${tenantId}
    order by is_default desc, created_at, name limit ${limit}`.execute(database);
  return rows;
}

export async function makeDefault(tx: Database, tenantId: string, name: string): Promise<void> {
  await sql`
    update namespaces set is_default = true
    where tenant_id = ${tenantId} and name = ${name}
      and not exists (select 1 from namespaces where tenant_id = ${tenantId} and is_default)`.execute(
    tx,
  );
}
