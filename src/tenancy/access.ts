/**
 * Who is calling. A key in `Authorization: Bearer` or `x-api-key` speaks first, and a bad one is
 * never helped out by a cookie; else the session cookie, in the tenant that `x-flywheel-tenant`
 * names or in the one the person joined first.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Me } from './api.ts';
import { fail } from './errors.ts';
import { findUsableKey } from './key-store.ts';
import { parseKey } from './key.ts';
import { presentProject, presentTenant } from './present.ts';
import type { Principal } from './principal.ts';
import type { SignIn } from './sign-in.ts';
import { findPerson, findTenant, listMemberships, listProjects } from './store.ts';

export type Access = Readonly<{
  /** Null when nobody proved who they are. Raises `tenant.not_member`, `tenant.suspended`. */
  authenticate: (headers: Headers) => Promise<Principal | null>;
  me: (principal: Principal) => Promise<Me>;
}>;

export type AccessOptions = Readonly<{
  database: Database;
  clock: Clock;
  userIdOf: SignIn['userIdOf'];
}>;

export const TENANT_HEADER = 'x-flywheel-tenant';

/** Projects shown by `me`, for a menu; the list proper has pages. */
const PROJECTS_SHOWN_MAX = 200;

export function createAccess({ database, clock, userIdOf }: AccessOptions): Access {
  const authenticate = async (headers: Headers): Promise<Principal | null> => {
    const secret = secretOf(headers);
    const wanted = headers.get(TENANT_HEADER);
    if (secret !== null) return principalOfKey(secret, wanted);
    const userId = await userIdOf(headers);
    return userId === null ? null : principalOfMember(userId, wanted);
  };

  async function principalOfKey(secret: string, wanted: string | null): Promise<Principal | null> {
    const parsed = parseKey(secret);
    if (parsed === null) return null;
    const sha256 = Buffer.from(parsed.secretSha256, 'hex');
    const key = await findUsableKey(database, sha256, new Date(clock.nowMs()));
    if (key === null) return null;
    if (wanted !== null && wanted !== key.tenantId) throw notMember(wanted);
    if (key.tenantState === 'suspended') throw suspended();
    const { id: keyId, tenantId, tenantKind, role, projectId } = key;
    return { tenantId, tenantKind, role, userId: null, keyId, projectId };
  }

  async function principalOfMember(
    userId: string,
    wanted: string | null,
  ): Promise<Principal | null> {
    const memberships = await listMemberships(database, userId);
    const chosen =
      wanted === null
        ? (memberships.find(({ tenantState }) => tenantState === 'active') ?? memberships[0])
        : memberships.find(({ tenantId }) => tenantId === wanted);
    if (chosen === undefined && wanted !== null) throw notMember(wanted);
    if (chosen === undefined) return null;
    if (chosen.tenantState === 'suspended') throw suspended();
    const { tenantId, tenantKind, role } = chosen;
    return { tenantId, tenantKind, role, userId, keyId: null, projectId: null };
  }

  const me = async (principal: Principal): Promise<Me> => {
    const { tenantId, userId, role, projectId } = principal;
    const [tenant, projects, person, memberships] = await Promise.all([
      findTenant(database, tenantId),
      listProjects(database, tenantId, { cursor: null, limit: PROJECTS_SHOWN_MAX, projectId }),
      userId === null ? null : findPerson(database, userId),
      userId === null ? [] : listMemberships(database, userId),
    ]);
    if (tenant === null) throw notMember(tenantId);
    const member = memberships.find((membership) => membership.tenantId === tenantId);
    return {
      member:
        person === null || member === undefined
          ? null
          : { ...person, id: member.memberId, accountCode: person.id },
      tenant: presentTenant(tenant),
      role,
      projects: projects.slice(0, PROJECTS_SHOWN_MAX).map(presentProject),
      tenants:
        userId === null
          ? [{ id: tenant.id, name: tenant.name, role }]
          : memberships.map(({ tenantId: id, tenantName: name, role }) => ({ id, name, role })),
    };
  };

  return { authenticate, me };
}

/** The key as sent, whatever it is; null when the caller sent none. */
export function secretOf(headers: Headers): string | null {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const [scheme, secret, ...rest] = authorization.trim().split(/\s+/);
    const isBearer = scheme?.toLowerCase() === 'bearer' && rest.length === 0;
    return isBearer ? (secret ?? '') : '';
  }
  return headers.get('x-api-key');
}

function notMember(tenantId: string): Error {
  return fail('tenant.not_member', `You are not a member of the tenant ${tenantId}.`);
}

function suspended(): Error {
  return fail('tenant.suspended', 'This tenant is suspended. Ask whoever runs this cloud.');
}
