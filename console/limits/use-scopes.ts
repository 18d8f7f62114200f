/** Whom the member may set limits for: the tenant, its projects and keys, or another tenant's ceiling. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { keysQuery } from '../keys/queries.ts';
import { maySee, useMe } from '../shell/session.ts';
import type { Scope } from './limit-form.tsx';

/** `viewed` is the tenant on the page; the operator also looks at others. */
export function useScopes(viewed: Readonly<{ id: string; name: string }>): readonly Scope[] {
  const me = useMe();
  const isWriter = maySee(me.role, 'inviting');
  const isOwn = viewed.id === me.tenant.id;
  const keys = useInfiniteQuery({ ...keysQuery, enabled: isWriter && isOwn }).data ?? [];
  if (!isWriter) return [];
  const ceiling: Scope = { level: 'platform', scopeId: viewed.id, name: viewed.name };
  const isOperator = me.tenant.kind === 'operator';
  if (!isOwn) return isOperator ? [ceiling] : [];
  return [
    { level: 'tenant', scopeId: viewed.id, name: viewed.name },
    ...me.projects.map(({ id, name }): Scope => ({ level: 'project', scopeId: id, name })),
    ...keys.flatMap(({ id, name, revokedAt }): Scope[] =>
      revokedAt === null ? [{ level: 'key', scopeId: id, name }] : [],
    ),
    ...(isOperator ? [ceiling] : []),
  ];
}
