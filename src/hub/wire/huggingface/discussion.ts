/**
 * Discussions, pull requests and collections as Hugging Face's clients read them. Pure. huggingface_hub:
 * community.py (deserialize_event), hf_api.py (get_repo_discussions, get_discussion_details, Collection).
 */
import type { DiscussionRow, EventRow } from '../../community/discussion-store.ts';
import type { Collection, CollectionItem } from '../../community/shapes.ts';
import type { RepositoryId } from '../../repositories/repositories.ts';

type Entry = Readonly<Record<string, unknown>>;

export function discussionEntry(row: DiscussionRow, { kind, name }: RepositoryId): Entry {
  return {
    num: row.num,
    title: row.title,
    status: row.status,
    isPullRequest: row.kind === 'pull',
    author: authorEntry(row.author.name),
    repo: { name, type: kind },
    createdAt: row.createdAt.toISOString(),
    numComments: row.comments,
    locked: row.isLocked,
    pinned: false,
  };
}

/** Of a pull request what it would change, and why it cannot. */
export function changesEntry(
  { mergeRevisionId }: DiscussionRow,
  conflicts: readonly string[],
): Entry {
  return {
    changes: {
      base: 'refs/heads/main',
      ...(mergeRevisionId !== null && { mergeCommitId: mergeRevisionId }),
    },
    filesWithConflicts: conflicts,
  };
}

export function eventEntry(event: EventRow): Entry {
  const createdAt = event.createdAt.toISOString();
  const about = { id: event.id, author: authorEntry(event.author.name), createdAt };
  const { data } = event;
  switch (event.kind) {
    case 'comment': {
      const editedAt = event.editedAt?.toISOString() ?? null;
      const updatedAt = editedAt ?? createdAt;
      // No page of ours shows HTML that a server made of what strangers wrote.
      const latest = { raw: event.text, html: '', updatedAt, author: about.author };
      const { isHidden: hidden } = event;
      const edited = editedAt !== null;
      return { ...about, type: 'comment', data: { edited, hidden, latest, history: [] } };
    }
    case 'status':
      return { ...about, type: 'status-change', data: { status: data.status } };
    case 'title':
      return { ...about, type: 'title-change', data: { from: data.from, to: data.to } };
    case 'commit':
      return { ...about, type: 'commit', data: { oid: data.revisionId, subject: data.subject } };
    default:
      return event.kind satisfies never;
  }
}

function authorEntry(name: string): Entry {
  return { name, fullname: name, type: 'user', avatarUrl: '' };
}

/** In lists their clients number them themselves. */
export function collectionEntry(collection: Collection, way: 'listed' | 'whole'): Entry {
  const { slug, title, description, owner, isPrivate, theme, position, updatedAt, items } =
    collection;
  return {
    slug,
    title,
    ...(description !== '' && { description }),
    owner: { name: owner, fullname: owner, type: 'org', avatarUrl: '' },
    lastUpdated: updatedAt,
    private: isPrivate,
    theme,
    upvotes: 0,
    isUpvotedByUser: false,
    gating: false,
    ...(way === 'whole' && { position }),
    items: items.map((item) => itemEntry(item)),
  };
}

function itemEntry({ id, kind, name, title, note, position }: CollectionItem): Entry {
  return {
    _id: id,
    id: name,
    type: kind,
    position,
    ...(kind === 'collection' ? { slug: name, title } : { author: name.split('/')[0] }),
    ...(note !== '' && { note: { text: note, html: '' } }),
  };
}
