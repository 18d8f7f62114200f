/**
 * Whose limits a caller may set and see. The operator sets ceilings for tenants. A tenant's owners and
 * admins set what its projects and keys may use, and its own. A key, whatever its role, sets limits of
 * other keys of its project only, so that no program raises what holds it; keys of the operator, who
 * owns the machine, set everything.
 */
import { type Principal, requirePermission } from '#tenancy/principal.ts';
import type { Level } from './api.ts';
import type { Scope } from './definition.ts';
import { fail } from './errors.ts';

/** What tenancy says of the things that limits are set for. Null where the tenant has no such thing. */
export type ScopeNames = Readonly<{
  tenant: (id: string) => Promise<Named | null>;
  project: (tenantId: string, id: string) => Promise<Named | null>;
  key: (tenantId: string, id: string) => Promise<(Named & Readonly<{ projectId: string }>) | null>;
}>;

type Named = Readonly<{ name: string }>;

/** Raises `access.denied`, `limit.not_yours` and `limit.scope_unknown`. */
export async function chooseScope(
  names: ScopeNames,
  principal: Principal,
  { level, scopeId }: Readonly<{ level: Level; scopeId: string }>,
): Promise<Scope> {
  requirePermission(principal, 'limit.write');
  const { tenantId } = principal;
  const isOperator = principal.tenantKind === 'operator';
  if (level === 'platform') {
    if (!isOperator) throw notYours('Only the operator sets the ceiling of a tenant.');
    if ((await names.tenant(scopeId)) === null) throw unknown(level, scopeId);
    return { tenantId: scopeId, level, scopeId };
  }
  const isKey = principal.keyId !== null && !isOperator;
  if (level === 'tenant') {
    if (scopeId !== tenantId) throw unknown(level, scopeId);
    if (isKey) throw notYours('A key does not set what its tenant may use; sign in for that.');
    return { tenantId, level, scopeId };
  }
  if (level === 'project') {
    if ((await names.project(tenantId, scopeId)) === null) throw unknown(level, scopeId);
    const isSeen = principal.projectId === null || principal.projectId === scopeId || isOperator;
    if (!isSeen) throw unknown(level, scopeId);
    if (isKey) throw notYours('A key does not set what its project may use; sign in for that.');
    return { tenantId, level, scopeId };
  }
  const key = await names.key(tenantId, scopeId);
  const isSeen = !isKey || key?.projectId === principal.projectId;
  if (key === null || !isSeen) throw unknown(level, scopeId);
  if (isKey && principal.keyId === scopeId) throw notYours('A key does not set its own limits.');
  return { tenantId, level, scopeId };
}

/** A key sees what holds it and the other keys of its project. */
export async function mayRead(
  names: ScopeNames,
  principal: Principal,
  { tenantId, level, scopeId }: Scope,
): Promise<boolean> {
  if (principal.projectId === null || principal.tenantKind === 'operator') return true;
  if (level === 'project') return scopeId === principal.projectId;
  if (level !== 'key') return true;
  return (await names.key(tenantId, scopeId))?.projectId === principal.projectId;
}

function notYours(message: string): Error {
  return fail('limit.not_yours', message);
}

function unknown(level: Level, scopeId: string): Error {
  const what = level === 'platform' ? 'tenant' : level;
  return fail('limit.scope_unknown', `There is no ${what} ${scopeId}.`, { param: 'scopeId' });
}
