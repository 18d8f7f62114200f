/** A push becomes what everybody sees: its revisions and its refs, in one transaction, or nothing of it. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { accountName, commitToPull } from '../community/pull-refs.ts';
import type { Content } from '../content.ts';
import { deleteRef, deriveFiles, insertRef, updateRef } from '../repositories/commit-store.ts';
import { type CommitParts, contentOf, moveMain, saysOfWeights } from '../repositories/commits.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { lockRepository } from '../repositories/repository-store.ts';
import {
  type ModelRow,
  type RevisionMetadata,
  insertRevision,
  lockBlobs,
  selectFiles,
  selectRevisions,
} from '../store.ts';
import { failGit } from './errors.ts';
import type { GitRefs } from './git-refs.ts';
import { insertGitCommit, selectGitRefs, updateTagObject } from './git-store.ts';
import { fullRefName } from '../repositories/refs.ts';
import type { PushedRevision } from './push-plan.ts';
import type { RefMove } from './ref-rules.ts';

export type PushWrite = Readonly<{
  row: ModelRow;
  /** Who pushes. */
  tenantId: string;
  userId: string | null;
  author: string;
  /** How the refs stood when the push was judged. */
  refs: GitRefs;
  moves: readonly RefMove[];
  revisions: readonly PushedRevision[];
}>;

type Parts = CommitParts & Readonly<{ clock: Clock }>;
type Described = Readonly<{ metadata: RevisionMetadata; sizeBytes: number }>;

/** Raises `git.refused` when somebody else moved a ref meanwhile, `pull.not_open`. */
export async function writePush(parts: Parts, push: PushWrite): Promise<void> {
  const described = await describeAll(parts, push);
  const main = push.moves.find(({ kind, name }) => kind === 'branch' && name === 'main');
  const content =
    main === undefined || main.revisionId === null
      ? null
      : await contentOf(parts, push.row, await filesOf(parts, push, main.revisionId));
  await transaction(parts.database, async (tx) => {
    const key = keyOf(push.row);
    if ((await lockRepository(tx, key)) === null) throw failGit('git.refused', 'It is gone.');
    await requireUnmoved(tx, key, push);
    const fresh = push.revisions;
    await lockBlobs(
      tx,
      fresh.flatMap(({ put }) => put),
    );
    for (const revision of fresh) await insert(tx, key, revision, described);
    for (const move of push.moves) await apply(tx, parts, push, move, content);
  });
}

function keyOf(row: ModelRow): RepositoryKey {
  return { tenantId: row.tenantId, modelId: row.id };
}

/** What each revision says of its weights: looked for again only where that may have changed. */
async function describeAll(
  parts: Parts,
  { row, revisions }: PushWrite,
): Promise<ReadonlyMap<string, Described>> {
  const described = new Map<string, Described>();
  for (const { object, parentId, files, put, gone } of revisions) {
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const paths = [...gone, ...put.map(({ path }) => path)];
    const before =
      parentId === null || paths.some((path) => saysOfWeights(path))
        ? null
        : (described.get(parentId)?.metadata ?? (await metadataOf(parts, row, parentId)));
    const metadata = before ?? (await contentOf(parts, row, files)).metadata;
    described.set(object.id, { metadata, sizeBytes });
  }
  return described;
}

async function metadataOf(
  { database }: Parts,
  row: ModelRow,
  revisionId: string,
): Promise<RevisionMetadata | null> {
  const [found] = await selectRevisions(database, { ...keyOf(row), revisionId, limit: 1 });
  return found?.metadata ?? null;
}

async function filesOf({ database }: Parts, { row, revisions }: PushWrite, revisionId: string) {
  const own = revisions.find(({ object }) => object.id === revisionId);
  if (own !== undefined) return own.files;
  return selectFiles(database, { ...keyOf(row), revisionIds: [revisionId] });
}

async function requireUnmoved(tx: Database, key: RepositoryKey, push: PushWrite): Promise<void> {
  const now = new Map(
    (await selectGitRefs(tx, key)).map((ref) => [fullRefName(ref), ref.revisionId] as const),
  );
  for (const { ref } of push.moves) {
    if (now.get(ref) === push.refs.get(ref)?.revisionId) continue;
    throw failGit(
      'git.refused',
      `Somebody else has moved ${ref} meanwhile: fetch first, then push again.`,
    );
  }
}

async function insert(
  tx: Database,
  key: RepositoryKey,
  { object, parentId, author, message, put, gone }: PushedRevision,
  described: ReadonlyMap<string, Described>,
): Promise<void> {
  const facts = described.get(object.id);
  if (facts === undefined) return;
  const id = object.id;
  const isNew = await insertRevision(tx, { ...key, ...facts, id, message, author, parentId });
  if (isNew) await deriveFiles(tx, { ...key, revisionId: id, parentId }, { put, gone });
  await insertGitCommit(tx, key, id, object);
}

async function apply(
  tx: Database,
  parts: Parts,
  push: PushWrite,
  move: RefMove,
  content: Content | null,
): Promise<void> {
  const { row, tenantId, userId, author } = push;
  const key = keyOf(row);
  const { kind, name, ref, revisionId, message } = move;
  const oldRevisionId = push.refs.get(ref)?.revisionId ?? null;
  if (revisionId === null) await deleteRef(tx, key, { kind, name });
  else if (kind === 'branch' && name === 'main') {
    if (content !== null) await moveMain(tx, row, content, revisionId);
  } else if (oldRevisionId === null) {
    await insertRef(tx, key, { kind, name, revisionId, message });
    if (move.tagObject !== null) await updateTagObject(tx, key, name, move.tagObject);
  } else {
    if (kind === 'pull') {
      const who = { tenantId, userId, name: await accountName(tx, tenantId, author) };
      const at = new Date(parts.clock.nowMs());
      await commitToPull(tx, key, { num: Number(name), author: who, at, revisionId, message });
    }
    await updateRef(tx, key, { kind, name, revisionId });
  }
  await parts.onChange?.(tx, { kind: 'content', row, ref, oldRevisionId, revisionId });
}
