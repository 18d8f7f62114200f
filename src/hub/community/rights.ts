/**
 * Who may do what in a discussion. Pure. Whoever sees the repository and has an account may speak; authors
 * change their own words and threads; those who may write to the repository govern it.
 */
import { type Viewer, includes } from '../repositories/access.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Author, DiscussionRow, EventRow } from './discussion-store.ts';

export type Rights = Readonly<{
  comment: boolean;
  /** Its title and state. */
  change: boolean;
  /** Lock it, merge it, hide what others said. */
  govern: boolean;
}>;

export function rightsIn(viewer: Viewer, at: Repository, row: DiscussionRow): Rights {
  const govern = viewer.principal !== null && includes(at.access, 'write');
  return {
    comment: viewer.principal !== null && (govern || !row.isLocked),
    change: govern || (!row.isLocked && isOwn(viewer, row.author)),
    govern,
  };
}

/** What a member wrote is that member's; what a key wrote is everybody's in its tenant. */
export function isOwn({ tenantId, principal }: Viewer, author: Author): boolean {
  if (principal === null || author.tenantId !== tenantId) return false;
  return author.userId === null || author.userId === principal.userId;
}

/** A hidden comment is empty for good, so nobody edits it. */
export function mayEdit(viewer: Viewer, event: EventRow): boolean {
  return event.kind === 'comment' && !event.isHidden && isOwn(viewer, event.author);
}
