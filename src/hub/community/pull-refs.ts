/**
 * Where commits meet pull requests: a commit opens one, or goes to one that is open. In the transaction of
 * the commit, under the repository's lock.
 */
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type RefKind, insertRef } from '../repositories/commit-store.ts';
import { selectNamespaces } from '../repositories/namespace-store.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import {
  type Author,
  type DiscussionStatus,
  insertDiscussion,
  insertEvent,
  lockDiscussion,
  nextNumber,
} from './discussion-store.ts';
import { failCommunity } from './errors.ts';
import { TEXT_LENGTH_MAX, TITLE_LENGTH_MAX } from './shapes.ts';

export type PullOpened = Readonly<{
  /** The first line is the title, the rest its first comment. */
  message: string;
  author: Author;
  /** What it is to become. */
  revisionId: string;
  /** Where it branches off main. */
  baseRevisionId: string | null;
  status: DiscussionStatus;
  at: Date;
}>;

/** Gives it the next number, its ref, and what opens its thread. */
export async function openPull(
  tx: Database,
  key: RepositoryKey,
  opened: PullOpened,
): Promise<number> {
  const { author, at, revisionId, baseRevisionId, status } = opened;
  const [subject = '', ...rest] = opened.message.trim().split('\n');
  const num = await nextNumber(tx, key);
  const title = subject.trim().slice(0, TITLE_LENGTH_MAX) || `Pull request ${num}`;
  const ref: RefKind = 'pull';
  await insertRef(tx, key, { kind: ref, name: String(num), revisionId, message: opened.message });
  await insertDiscussion(tx, key, {
    num,
    kind: 'pull',
    title,
    status,
    author,
    baseRevisionId,
    createdAt: at,
  });
  const text = rest.join('\n').trim().slice(0, TEXT_LENGTH_MAX);
  const where = { ...key, num };
  await insertEvent(tx, where, { ...eventBy(author, at), kind: 'comment', text, data: {} });
  if (revisionId !== baseRevisionId) {
    await insertCommit(tx, where, { author, at, revisionId, subject: title });
  }
  return num;
}

/** Raises `pull.not_open`. */
export async function commitToPull(
  tx: Database,
  key: RepositoryKey,
  made: Readonly<{ num: number; author: Author; at: Date; revisionId: string; message: string }>,
): Promise<void> {
  const where = { ...key, num: made.num };
  const found = await lockDiscussion(tx, where);
  if (found === null || (found.status !== 'open' && found.status !== 'draft')) {
    throw failCommunity('pull.not_open', `The pull request ${made.num} takes no more commits.`);
  }
  const subject = made.message.split('\n')[0]?.slice(0, TITLE_LENGTH_MAX) ?? '';
  await insertCommit(tx, where, { ...made, subject });
}

/** As its thread names an account: by its first namespace. */
export async function accountName(
  database: Database,
  tenantId: string,
  otherwise: string,
): Promise<string> {
  const [own] = await selectNamespaces(database, tenantId, 1);
  return own?.name ?? (otherwise || tenantId);
}

export function eventBy(author: Author, at: Date) {
  return { id: createId('evt', at.getTime()), author, createdAt: at };
}

async function insertCommit(
  tx: Database,
  where: RepositoryKey & Readonly<{ num: number }>,
  made: Readonly<{ author: Author; at: Date; revisionId: string; subject: string }>,
): Promise<void> {
  const { author, at, revisionId, subject } = made;
  const event = eventBy(author, at);
  await insertEvent(tx, where, {
    ...event,
    kind: 'commit',
    text: '',
    data: { revisionId, subject },
  });
}
