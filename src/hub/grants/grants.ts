/**
 * Roles in one repository for other tenants: to read it though it is private, to write, or to run it. What their members
 * may do is never more than their own role lets them at home (see repositories/access.ts).
 */
import { type Database, sql } from '#platform/database.ts';
import { failHub } from '../errors.ts';
import type { Access } from '../repositories/access.ts';
import { selectNamespace } from '../repositories/namespace-store.ts';
import type { ModelRow } from '../store.ts';
import type { RepositoryGrant } from './api.ts';

type Of = Pick<ModelRow, 'id' | 'tenantId'>;

export interface Grants {
  list(of: Of): Promise<readonly RepositoryGrant[]>;
  /** In force at once. Raises `grant.owner_unknown`, `grant.own`, `grant.too_many`. */
  set(of: Of, owner: string, role: Access): Promise<readonly RepositoryGrant[]>;
  /** Raises `grant.owner_unknown`. */
  remove(of: Of, owner: string): Promise<readonly RepositoryGrant[]>;
}

const GRANTS_MAX = 200;

export function createGrants({ database }: Readonly<{ database: Database }>): Grants {
  const list = (of: Of) => selectGrants(database, of);
  return {
    list,
    set: async (of, owner, role) => {
      const grantee = await granteeOf(database, owner);
      if (grantee === of.tenantId)
        throw failHub('grant.own', `${owner} is whose repository it is.`);
      const before = await list(of);
      if (before.length >= GRANTS_MAX) {
        throw failHub('grant.too_many', `A repository has ${GRANTS_MAX} grants at most.`);
      }
      await sql`
        insert into repository_grants (tenant_id, model_id, grantee_tenant_id, role)
        values (${of.tenantId}, ${of.id}, ${grantee}, ${role})
        on conflict (tenant_id, model_id, grantee_tenant_id)
        do update set role = excluded.role`.execute(database);
      return list(of);
    },
    remove: async (of, owner) => {
      const grantee = await granteeOf(database, owner);
      await sql`
        delete from repository_grants
        where tenant_id = ${of.tenantId} and model_id = ${of.id}
          and grantee_tenant_id = ${grantee}`.execute(database);
      return list(of);
    },
  };
}

async function granteeOf(database: Database, owner: string): Promise<string> {
  const tenantId = await selectNamespace(database, owner);
  if (tenantId !== null) return tenantId;
  throw failHub('grant.owner_unknown', `Nobody holds the name ${owner.slice(0, 96)} here.`);
}

async function selectGrants(
  database: Database,
  { id, tenantId }: Of,
): Promise<readonly RepositoryGrant[]> {
  const { rows } = await sql<Omit<RepositoryGrant, 'createdAt'> & { createdAt: Date }>`
    select coalesce((select n.name from namespaces n where n.tenant_id = g.grantee_tenant_id
        order by n.is_default desc, n.created_at, n.name limit 1), g.grantee_tenant_id) as owner,
      g.role, g.created_at as "createdAt"
    from repository_grants g
    where g.tenant_id = ${tenantId} and g.model_id = ${id}
    order by g.created_at, owner`.execute(database);
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}
