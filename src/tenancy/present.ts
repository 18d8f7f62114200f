/** Rows as the public API shows them. Pure. */
import type { Key, Member, Project, Tenant } from './api.ts';
import type { KeyRow } from './key-store.ts';
import type { MemberRow, ProjectRow, TenantRow } from './store.ts';

export function presentTenant(row: TenantRow): Tenant {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

export function presentProject(row: ProjectRow): Project {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

export function presentMember(row: MemberRow): Member {
  const { id, tenantId, name, email, role } = row;
  return { id, tenantId, name, email, role, createdAt: row.createdAt.toISOString() };
}

export function presentKey(row: KeyRow): Key {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    kind: row.kind === 'hub' ? 'hub' : 'api',
    hint: row.hint,
    role: row.role,
    models: row.models === null ? null : [...row.models],
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
