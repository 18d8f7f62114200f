/** Whose money a caller may look at: its own tenant's; any tenant's, or all, for the operator. */
import { fail } from './errors.ts';
import type { Principal } from '#tenancy/principal.ts';

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
