/**
 * Who may do what with a repository. Pure. Its tenant's members by their role; other tenants by what they
 * were granted, and never more than their own role lets them do at home.
 */
import { type Principal, isAllowed } from '#tenancy/principal.ts';
import type { ModelRow } from '../store.ts';

/** Who looks: a member, a key, or nobody in particular, who sees what is public. */
export type Viewer = Readonly<{
  /** The empty text is nobody's: it owns nothing and sees what is public. */
  tenantId: string;
  principal: Principal | null;
}>;

export type Access = 'read' | 'write' | 'admin';

const RANK: Readonly<Record<Access, number>> = { read: 0, write: 1, admin: 2 };

/** What the database says of a viewer's tenant and a repository that it may see. */
export type Standing = Readonly<{ granted: Access | null; request: string | null }>;

export function accessOf(viewer: Viewer, row: ModelRow, { granted }: Standing): Access {
  const { principal } = viewer;
  if (principal === null || !isAllowed(principal, 'model.write')) return 'read';
  if (row.tenantId === viewer.tenantId) return 'admin';
  return granted ?? 'read';
}

export function includes(access: Access, needed: Access): boolean {
  return RANK[access] >= RANK[needed];
}

/** Files of a gated repository are for its tenant and for those who were let in; the rest stays readable. */
export function mayReadFiles(viewer: Viewer, row: ModelRow, standing: Standing): boolean {
  return (
    row.gated === 'no' ||
    row.tenantId === viewer.tenantId ||
    standing.granted !== null ||
    standing.request === 'accepted'
  );
}
