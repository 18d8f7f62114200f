/** Rows that tests of money stand on: tenants and models, written directly because only their ids matter. */
import { createId } from '#platform/id.ts';
import { type Database, sql } from '#platform/database.ts';
import type { Principal } from '#tenancy/principal.ts';

export async function insertTenant(
  database: Database,
  kind: 'operator' | 'customer' = 'customer',
): Promise<string> {
  const id = createId('ten');
  await sql`insert into tenants (id, kind, name) values (${id}, ${kind}, ${id})`.execute(database);
  return id;
}

export async function insertModel(
  database: Database,
  tenantId: string,
  name = 'tiny',
): Promise<Readonly<{ id: string; name: string }>> {
  const id = createId('mdl');
  await sql`insert into models (tenant_id, id, owner, name, visibility)
    values (${tenantId}, ${id}, ${tenantId}, ${name}, 'public')`.execute(database);
  return { id, name: `${tenantId}/${name}` };
}

/** A member of a tenant with every right its kind allows. */
export function ownerOf(
  tenantId: string,
  tenantKind: Principal['tenantKind'] = 'customer',
): Principal {
  return { tenantId, tenantKind, role: 'owner', userId: 'usr', keyId: null, projectId: null };
}
