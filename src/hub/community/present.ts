/** Discussions as our own API shows them. */
import type { Hub } from '../hub.ts';
import type { Viewer } from '../repositories/access.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { DiscussionRow, EventRow } from './discussion-store.ts';
import { isOwn, rightsIn } from './rights.ts';
import type { Discussion, DiscussionDetail, DiscussionEvent } from './shapes.ts';

export function present(row: DiscussionRow): Discussion {
  const { num, kind, title, status, isLocked, author, comments } = row;
  return {
    num,
    isPullRequest: kind === 'pull',
    title,
    status,
    isLocked,
    author: author.name,
    comments,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Raises `discussion.unknown`. */
export async function presentDetail(
  { community }: Pick<Hub, 'community'>,
  { viewer, repository }: Readonly<{ viewer: Viewer; repository: Repository }>,
  num: number,
): Promise<DiscussionDetail> {
  const { discussions, pulls } = community;
  const row = await discussions.get(repository, num);
  const events = await discussions.events(repository, num);
  const conflicts = await pulls.conflicts(repository, row);
  const { mergeRevisionId } = row;
  return {
    ...present(row),
    events: events.map((event) => presentEvent(viewer, event)),
    may: { ...rightsIn(viewer, repository, row) },
    pull: row.kind === 'pull' ? { mergeRevisionId, conflicts: [...conflicts] } : null,
  };
}

function presentEvent(viewer: Viewer, event: EventRow): DiscussionEvent {
  const { id, kind, author, data } = event;
  const about = { id, author: author.name, createdAt: event.createdAt.toISOString() };
  switch (kind) {
    case 'comment': {
      const { text, isHidden } = event;
      const editedAt = event.editedAt?.toISOString() ?? null;
      return { ...about, kind, text, isHidden, editedAt, isYours: isOwn(viewer, author) };
    }
    case 'status':
      return { ...about, kind, status: data.status ?? 'open' };
    case 'title':
      return { ...about, kind, from: data.from ?? '', to: data.to ?? '' };
    case 'commit':
      return { ...about, kind, revisionId: data.revisionId ?? '', subject: data.subject ?? '' };
    default:
      return kind satisfies never;
  }
}
