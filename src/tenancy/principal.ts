/**
 * Who is calling our own API, and what their role lets them do. Pure. Every route asks
 * `require(principal, 'noun.verb')` in its first line, so that access reads as a sentence.
 */
import { defineErrors } from '#platform/error.ts';
import type { Role } from './api.ts';

export type Principal = Readonly<{
  tenantId: string;
  tenantKind: 'operator' | 'partner' | 'customer';
  role: Role;
  /** The member behind a session, or null when a key calls. */
  userId: string | null;
  keyId: string | null;
  /** Set when a key calls: it sees its own project only. */
  projectId: string | null;
}>;

/** What a request carries through the control's routes. */
export type CloudEnv = { Variables: { requestId: string; principal: Principal } };

export type Permission =
  | 'tenant.read'
  | 'tenant.write'
  | 'tenant.create'
  | 'member.read'
  | 'member.write'
  | 'key.read'
  | 'key.write'
  | 'model.read'
  | 'model.write'
  | 'deployment.read'
  | 'deployment.write'
  | 'price.read'
  | 'price.write'
  | 'price.govern'
  | 'usage.read'
  | 'balance.read'
  | 'credit.write'
  | 'plan.read'
  | 'plan.buy'
  | 'ledger.verify'
  | 'finance.read'
  | 'share.write'
  | 'payout.write'
  | 'fleet.read'
  | 'provider.read'
  | 'provider.write'
  | 'cost.write'
  | 'cache.write'
  | 'content.read'
  | 'content.write'
  | 'master_key.rotate'
  | 'limit.read'
  | 'limit.write'
  | 'webhook.read'
  | 'webhook.write'
  | 'payment.read'
  | 'payment.write'
  | 'payment.record'
  | 'budget.read'
  | 'budget.write'
  | 'model.call';

const READ: readonly Permission[] = [
  'tenant.read',
  'model.read',
  'deployment.read',
  'price.read',
  'plan.read',
  'provider.read',
  'fleet.read',
  'limit.read',
  'budget.read',
];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: [...READ, 'usage.read'],
  finance: [
    ...READ,
    'member.read',
    'usage.read',
    'balance.read',
    'plan.buy',
    'price.write',
    'cost.write',
    'credit.write',
    'finance.read',
    'share.write',
    'payout.write',
    'payment.read',
    'payment.write',
    'payment.record',
    'budget.write',
  ],
  developer: [
    ...READ,
    'key.read',
    'key.write',
    'model.write',
    'deployment.write',
    'cache.write',
    'content.read',
    'usage.read',
    'balance.read',
    'webhook.read',
    'model.call',
  ],
  admin: [
    ...READ,
    'tenant.write',
    'tenant.create',
    'member.read',
    'member.write',
    'key.read',
    'key.write',
    'model.write',
    'deployment.write',
    'cache.write',
    'content.read',
    'content.write',
    'provider.write',
    'usage.read',
    'balance.read',
    'plan.buy',
    'limit.write',
    'webhook.read',
    'webhook.write',
    'model.call',
    'payment.read',
    'budget.write',
  ],
  owner: [
    ...READ,
    'tenant.write',
    'tenant.create',
    'member.read',
    'member.write',
    'key.read',
    'key.write',
    'model.write',
    'deployment.write',
    'cache.write',
    'content.read',
    'content.write',
    'provider.write',
    'price.write',
    'price.govern',
    'cost.write',
    'master_key.rotate',
    'usage.read',
    'balance.read',
    'plan.buy',
    'credit.write',
    'ledger.verify',
    'finance.read',
    'share.write',
    'payout.write',
    'limit.write',
    'webhook.read',
    'webhook.write',
    'model.call',
    'payment.read',
    'payment.write',
    'payment.record',
    'budget.write',
  ],
};

/**
 * Only the operator sets prices and shares, records costs and payouts, turns the master key, gives credit,
 * reads and proves everybody's books and creates tenants.
 */
const OPERATOR_ONLY: readonly Permission[] = [
  'price.write',
  'price.govern',
  'cost.write',
  'master_key.rotate',
  'credit.write',
  'ledger.verify',
  'finance.read',
  'share.write',
  'payout.write',
  'tenant.create',
  'payment.record',
];

const ROLE_RANK: readonly Role[] = ['viewer', 'finance', 'developer', 'admin', 'owner'];

const fail = defineErrors({ 'access.denied': { status: 403 } });

export function isAllowed(principal: Principal, permission: Permission): boolean {
  if (OPERATOR_ONLY.includes(permission) && principal.tenantKind !== 'operator') return false;
  return roleIncludes(principal.role, permission);
}

/** What a role includes by itself, where the tenant does not matter (the gateway's `model.call`). */
export function roleIncludes(role: Role, permission: Permission): boolean {
  return GRANTS[role].includes(permission);
}

/** Raises `access.denied`. */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (isAllowed(principal, permission)) return;
  throw fail('access.denied', `The role ${principal.role} does not include ${permission}.`);
}

/** True when a holder of `role` may hand out `other`: nobody gives more than they have. */
export function mayGrant(role: Role, other: Role): boolean {
  return (
    GRANTS[other].every((permission) => GRANTS[role].includes(permission)) &&
    ROLE_RANK.indexOf(other) <= ROLE_RANK.indexOf(role)
  );
}
