/** Whose money a caller may look at: its own tenant's; any tenant's, or all, for the operator. */
import { fail } from './errors.ts';
import { type Principal, isAllowed } from '#tenancy/principal.ts';

/** What the operator writes for `tenantId` to see the whole cloud. */
export const ALL_TENANTS = 'all';

/** Null means every tenant. Raises `ledger.tenant_unknown`, so that nobody learns which tenants exist. */
export function chooseTenant(principal: Principal, asked: string | undefined): string | null {
  if (asked === undefined || asked === principal.tenantId) return principal.tenantId;
  if (principal.tenantKind !== 'operator') {
    throw fail('ledger.tenant_unknown', 'There is no such tenant.', { param: 'tenantId' });
  }
  return asked === ALL_TENANTS ? null : asked;
}

/**
 * The same with the project that a key is bound to. A project is of one tenant: a key of the operator that may
 * see the money of others is not kept to its own project there, or it would see nothing at all.
 */
export function chooseScope(
  principal: Principal,
  asked: string | undefined,
): Readonly<{ tenantId: string | null; projectId: string | null }> {
  const tenantId = chooseTenant(principal, asked);
  const isElsewhere = tenantId !== principal.tenantId && isAllowed(principal, 'finance.read');
  return { tenantId, projectId: isElsewhere ? null : principal.projectId };
}
