/**
 * What a webhook is told of an event, in Hugging Face's words, version 3:
 * https://huggingface.co/docs/hub/webhooks, huggingface_hub: _webhooks_payload.py.
 */
import type { Database } from '#platform/database.ts';
import { pathOf } from '../face/address.ts';
import {
  type DiscussionRow,
  type EventRow,
  selectDiscussion,
  selectEvent,
} from './discussion-store.ts';
import type { RepositoryEvent } from './repository-events.ts';

type Payload = Readonly<Record<string, unknown>>;

/** The whole is read where it stands; a message stays small. */
const CONTENT_LENGTH_MAX = 4_000;

export async function eventPayload(
  tx: Database,
  event: RepositoryEvent,
  publicUrl: string,
): Promise<Payload> {
  const { row } = event;
  const name = `${row.owner}/${row.name}`;
  const web = `${publicUrl}/${pathOf({ kind: row.kind, name })}`;
  const repo = {
    type: row.kind,
    name,
    id: row.id,
    private: row.visibility !== 'public',
    url: { web, api: `${publicUrl}/api/${row.kind}s/${name}` },
    ...('revisionId' in event && { headSha: event.revisionId }),
    tags: [],
    owner: { id: row.owner },
  };
  if (event.kind !== 'discussion' && event.kind !== 'comment') {
    return { event: SCOPES[event.kind], repo, ...detailsOf(event) };
  }
  const key = { tenantId: row.tenantId, modelId: row.id };
  const discussion = await selectDiscussion(tx, { ...key, num: event.num });
  const said = event.kind === 'comment' ? await selectEvent(tx, key, event.commentId) : null;
  const scope = event.kind === 'comment' ? 'discussion.comment' : 'discussion';
  return {
    event: { action: event.action, scope },
    repo,
    ...(discussion !== null && { discussion: discussionEntry(discussion, repo) }),
    ...(said !== null && { comment: commentEntry(said, `${web}/discussions/${event.num}`) }),
  };
}

const SCOPES = {
  created: { action: 'create', scope: 'repo' },
  removed: { action: 'delete', scope: 'repo' },
  moved: { action: 'move', scope: 'repo' },
  settings: { action: 'update', scope: 'repo.config' },
  content: { action: 'update', scope: 'repo.content' },
} as const;

function detailsOf(event: RepositoryEvent): Payload {
  if (event.kind === 'moved') {
    return { movedTo: { name: event.to, owner: { id: event.to.split('/')[0] } } };
  }
  if (event.kind !== 'content') return {};
  const { ref, oldRevisionId: oldSha, revisionId: newSha } = event;
  return { updatedRefs: [{ ref, oldSha, newSha }] };
}

function discussionEntry(
  row: DiscussionRow,
  { url }: Readonly<{ url: Readonly<{ web: string; api: string }> }>,
): Payload {
  const { num, title, status, kind, mergeRevisionId, author } = row;
  const isPullRequest = kind === 'pull';
  const path = `/discussions/${num}`;
  const merged = mergeRevisionId === null ? {} : { mergeCommitId: mergeRevisionId };
  return {
    id: String(num),
    num,
    title,
    status,
    isPullRequest,
    author: { id: author.name },
    url: { web: url.web + path, api: url.api + path },
    ...(isPullRequest && { changes: { base: 'refs/heads/main', ...merged } }),
  };
}

function commentEntry({ id, author, isHidden, text }: EventRow, web: string): Payload {
  return {
    id,
    author: { id: author.name },
    hidden: isHidden,
    content: text.slice(0, CONTENT_LENGTH_MAX),
    url: { web: `${web}#${id}` },
  };
}
