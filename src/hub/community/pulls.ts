/**
 * Pull requests: what they change, whether they can be merged, and the merge. Main goes to their head where
 * nothing else has happened since; elsewhere a commit of what they changed is put on top of it. Promises
 * that of two who merge one does, that main and the pull request change in one transaction, and that a
 * conflict changes nothing.
 */
import { type Database, transaction } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import type { File } from '../api.ts';
import { failHub } from '../errors.ts';
import { ATTRIBUTES_PATH } from '../git/attributes.ts';
import { selectHistory, selectRefs } from '../repositories/commit-store.ts';
import { type CommitParts, commit, contentOf, moveMain } from '../repositories/commits.ts';
import type { Repository } from '../repositories/repositories.ts';
import { lockRepository } from '../repositories/repository-store.ts';
import { selectFiles } from '../store.ts';
import { readChanges } from './changes.ts';
import {
  type DiscussionRow,
  insertEvent,
  lockDiscussion,
  selectDiscussion,
  updateDiscussion,
} from './discussion-store.ts';
import { type Actor, authorOf, keyOf, requireKnown } from './discussions.ts';
import { failCommunity } from './errors.ts';
import { eventBy } from './pull-refs.ts';
import type { Changes } from './shapes.ts';
import { type MergePlan, planMerge } from './three-way.ts';

export interface Pulls {
  /** Raises `discussion.unknown`, also for what is no pull request. */
  changes(at: Repository, num: number): Promise<Changes>;
  /** Paths that both sides changed; none of what is not open. */
  conflicts(at: Repository, row: DiscussionRow): Promise<readonly string[]>;
  /** What a revision changed against the one it was made from. */
  changesOf(at: Repository, revisionId: string): Promise<Changes>;
  /**
   * Gives what main became. The caller has made sure that the actor may write. Raises `pull.not_open`,
   * `pull.conflicts` with the paths, `commit.raced`.
   */
  merge(actor: Actor, at: Repository, asked: MergeAsked): Promise<string>;
}

export type MergeAsked = Readonly<{ num: number; comment: string; author: string }>;

/** Others may commit in between so many times. */
const ATTEMPTS_MAX = 8;
/** Beyond it the revision that was written down at the opening is taken for the common one. */
const HISTORY_MAX = 2_000;
const CONFLICTS_NAMED = 20;

export function createPulls(parts: CommitParts): Pulls {
  const { database } = parts;
  return {
    changes: async (at, num) => {
      const row = requireKnown(await selectDiscussion(database, keyOf(at, num)), num);
      const { head, baseId } = await sidesOf(database, at, row);
      const [before, after] = await filesOf(database, at, [baseId, head]);
      return readChanges(parts, before ?? [], after ?? []);
    },
    changesOf: async (at, revisionId) => {
      const [revision, parent] = await selectHistory(database, keyOf(at, 0), revisionId, 2);
      const sides = [parent?.id ?? null, revision?.id ?? null];
      const [before, after] = await filesOf(database, at, sides);
      return readChanges(parts, before ?? [], after ?? []);
    },
    conflicts: async (at, row) => {
      if (row.kind !== 'pull' || row.status === 'merged' || row.status === 'closed') return [];
      return (await planOf(database, at, row)).conflicts;
    },
    merge: (actor, at, asked) => merge(parts, actor, at, asked),
  };
}

type Sides = Readonly<{ main: string | null; head: string; baseId: string | null }>;

async function sidesOf(database: Database, at: Repository, row: DiscussionRow): Promise<Sides> {
  const key = keyOf(at, row.num);
  const refs = await selectRefs(database, key);
  const head = refs.find(({ kind, name }) => kind === 'pull' && name === String(row.num));
  if (row.kind !== 'pull' || head === undefined) {
    throw failCommunity('discussion.unknown', `${row.num} is no pull request.`);
  }
  const main = (await lockRepository(database, key))?.latestRevisionId ?? null;
  const sides = { main, head: head.revisionId };
  // Main holds it now: what it was made from is what was written down when it was merged.
  if (row.status === 'merged' || main === null) return { ...sides, baseId: row.baseRevisionId };
  const mine = await selectHistory(database, key, main, HISTORY_MAX);
  const known = new Set(mine.map(({ id }) => id));
  const theirs = await selectHistory(database, key, head.revisionId, HISTORY_MAX);
  const common = theirs.find(({ id }) => known.has(id))?.id;
  return { ...sides, baseId: common ?? row.baseRevisionId };
}

async function filesOf(
  database: Database,
  at: Repository,
  revisionIds: readonly (string | null)[],
): Promise<readonly (readonly File[])[]> {
  const { tenantId, modelId } = keyOf(at, 0);
  const ids = revisionIds.filter((id) => id !== null);
  const files = await selectFiles(database, { tenantId, modelId, revisionIds: ids });
  const byRevision = Map.groupBy(files, ({ revisionId }) => revisionId);
  return revisionIds.map((id) => byRevision.get(id ?? '') ?? []);
}

async function planOf(
  database: Database,
  at: Repository,
  row: DiscussionRow,
): Promise<MergePlan & Sides & Readonly<{ theirs: readonly File[] }>> {
  const sides = await sidesOf(database, at, row);
  const { baseId, main, head } = sides;
  const [base = [], ours = [], theirs = []] = await filesOf(database, at, [baseId, main, head]);
  const { changes, conflicts } = planMerge(base, ours, theirs);
  // Which files are large is said anew with the commit: two that each add a line do not contradict.
  return {
    ...sides,
    theirs,
    changes,
    conflicts: conflicts.filter((path) => path !== ATTRIBUTES_PATH),
  };
}

async function merge(
  parts: CommitParts,
  actor: Actor,
  at: Repository,
  asked: MergeAsked,
): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      return await tryMerge(parts, actor, at, asked);
    } catch (error) {
      const isRace = error instanceof FlywheelError && RACES.has(error.code);
      if (!isRace || attempt === ATTEMPTS_MAX) throw error;
    }
  }
  throw raced();
}

/** Main or the pull request went on meanwhile: all is planned anew. */
const RACES = new Set(['commit.stale', 'commit.raced']);

function raced(): Error {
  return failHub('commit.raced', 'Others commit here all the time; try again.', {
    retryAfterMs: 1000,
  });
}

async function tryMerge(
  parts: CommitParts,
  actor: Actor,
  at: Repository,
  asked: MergeAsked,
): Promise<string> {
  const { database } = parts;
  const key = keyOf(at, asked.num);
  const row = requireKnown(await selectDiscussion(database, key), asked.num);
  requireOpen(row);
  const plan = await planOf(database, at, row);
  if (plan.conflicts.length > 0) throw conflicting(plan.conflicts);
  const settle = (tx: Database, revisionId: string) =>
    markMerged(parts, tx, { actor, at, asked, plan, revisionId });
  if (plan.main === plan.baseId) return fastForward(parts, at, plan, settle);
  if (plan.changes.length === 0) {
    const main = plan.main ?? plan.head;
    await transaction(database, (tx) => settle(tx, main));
    return main;
  }
  // What the pull request brought lies in this repository, so it is its tenant's to commit.
  const { revisionId } = await commit(parts, at.row.tenantId, at.row, {
    revision: 'main',
    parentId: plan.main,
    message: `${row.title} (#${row.num})`,
    author: asked.author,
    changes: plan.changes,
    target: 'branch',
    within: settle,
  });
  return revisionId;
}

async function fastForward(
  parts: CommitParts,
  at: Repository,
  { main, head, theirs }: Sides & Readonly<{ theirs: readonly File[] }>,
  settle: (tx: Database, revisionId: string) => Promise<void>,
): Promise<string> {
  const { row } = at;
  const content = head === main ? null : await contentOf(parts, row, theirs);
  await transaction(parts.database, async (tx) => {
    const now = await lockRepository(tx, keyOf(at, 0));
    if (now?.latestRevisionId !== main) throw raced();
    await settle(tx, head);
    if (content === null) return;
    await moveMain(tx, row, content, head);
    const moved = { row, kind: 'content', ref: 'refs/heads/main' } as const;
    await parts.onChange?.(tx, { ...moved, oldRevisionId: main, revisionId: head });
  });
  return head;
}

async function markMerged(
  parts: CommitParts,
  tx: Database,
  made: Readonly<{
    actor: Actor;
    at: Repository;
    asked: MergeAsked;
    plan: Sides;
    revisionId: string;
  }>,
): Promise<void> {
  const { actor, at, asked, plan, revisionId } = made;
  const key = keyOf(at, asked.num);
  requireOpen(requireKnown(await lockDiscussion(tx, key), asked.num));
  const refs = await selectRefs(tx, key);
  const head = refs.find(({ kind, name }) => kind === 'pull' && name === String(asked.num));
  if (head?.revisionId !== plan.head) throw raced();
  const by = authorOf(actor);
  const now = new Date(parts.clock.nowMs());
  if (asked.comment !== '') {
    await insertEvent(tx, key, {
      ...eventBy(by, now),
      kind: 'comment',
      text: asked.comment,
      data: {},
    });
  }
  const change = { status: 'merged', mergeRevisionId: revisionId } as const;
  await updateDiscussion(tx, key, { ...change, baseRevisionId: plan.baseId });
  const event = { ...eventBy(by, now), kind: 'status', text: '' } as const;
  await insertEvent(tx, key, { ...event, data: { status: 'merged', revisionId } });
  await parts.onChange?.(tx, { row: at.row, kind: 'discussion', action: 'update', num: asked.num });
}

function requireOpen({ kind, status, num }: DiscussionRow): void {
  if (kind === 'pull' && status === 'open') return;
  const why = status === 'draft' ? 'is a draft; open it first' : `is ${status}`;
  throw failCommunity(
    'pull.not_open',
    kind === 'pull' ? `The pull request ${num} ${why}.` : `${num} is no pull request.`,
  );
}

function conflicting(paths: readonly string[]): Error {
  const named = paths.slice(0, CONFLICTS_NAMED).join(', ');
  const more = paths.length > CONFLICTS_NAMED ? ` and ${paths.length - CONFLICTS_NAMED} more` : '';
  return failCommunity('pull.conflicts', `Both sides changed ${named}${more}.`);
}
