/** The lock of a tenant, under which all that it has here changes. */
import { type Database, PG_ERROR, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { fail } from './errors.ts';
import { type TenantState, ensureTenant, lockTenants } from './purse-store.ts';

/** Runs in a transaction that holds the tenant's lock. Raises `credit.tenant_unknown`. */
export function withTenant<T>(
  database: Database,
  tenantId: string,
  work: (tx: Database, tenant: TenantState) => Promise<T>,
): Promise<T> {
  return transaction(database, async (tx) => work(tx, await lockTenant(tx, tenantId)));
}

export async function lockTenant(tx: Database, tenantId: string): Promise<TenantState> {
  try {
    await ensureTenant(tx, tenantId);
  } catch (error) {
    if (codeOf(error) !== PG_ERROR.foreignKeyViolation) throw error;
    throw fail('credit.tenant_unknown', 'There is no such tenant.', {
      param: 'tenantId',
      cause: error,
    });
  }
  const tenant = (await lockTenants(tx, [tenantId])).get(tenantId);
  if (tenant === undefined) throw fail('credit.tenant_unknown', 'There is no such tenant.');
  return tenant;
}
