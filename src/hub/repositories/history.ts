/** What a repository's branches stand on and came from: read, moved by commits, squashed. */
import { type Database, transaction } from '#platform/database.ts';
import { removeUnreferencedBlobs } from '../blobs.ts';
import { failHub } from '../errors.ts';
import { ensureCommit } from '../git/commit-ids.ts';
import { deleteGitCommits, insertGitCommit } from '../git/git-store.ts';
import type { IsDeployed } from '../models.ts';
import { type RevisionDetail, readRevision } from '../serving.ts';
import { type ModelRow, insertRevision, selectRevisions, updateModelContent } from '../store.ts';
import { commitObject, treeId } from '../wire/huggingface/git-object.ts';
import type { Viewer } from './access.ts';
import {
  type HistoryRow,
  type Ref,
  type StoredFile,
  deleteContents,
  deriveFiles,
  selectHistory,
  selectRefs,
  selectStoredFiles,
  updateRef,
} from './commit-store.ts';
import { selectTouches } from './change-store.ts';
import { type CommitAsked, type CommitParts, type Committed, commit } from './commits.ts';
import { lastTouched, revisionsToRead } from './last-commits.ts';
import type { Repository } from './repositories.ts';
import { changeOf, createRef, placeOf, removeRef, resolveRevision } from './refs.ts';
import { lockRepository } from './repository-store.ts';

export interface History {
  /** The caller has made sure that the viewer may write. Raises `commit.*`, `revision.unknown`. */
  commit(viewer: Viewer, to: Repository, asked: CommitAsked): Promise<Committed>;
  /** By branch, tag, pull request or its own id. Raises `revision.unknown`. */
  revision(of: Repository, name: string): Promise<RevisionDetail>;
  /** From there back, the newest first. Raises `revision.unknown`. */
  log(of: Repository, name: string): Promise<readonly HistoryRow[]>;
  /** The commit that touched each file and folder last; those that no recent one touched are left out. */
  lastCommits(of: Repository, revision: RevisionDetail): Promise<ReadonlyMap<string, HistoryRow>>;
  refs(of: Repository): Promise<readonly Ref[]>;
  createRef(of: Repository, asked: Parameters<typeof createRef>[2]): Promise<void>;
  removeRef(of: Repository, asked: Parameters<typeof removeRef>[2]): Promise<void>;
  /** Makes a branch one revision without a past. Raises `revision.unknown`. */
  /** The distinct contents that its revisions are made of. */
  storedFiles(of: Repository): Promise<readonly StoredFile[]>;
  /**
   * Takes contents out of main by a commit and then out of every revision, for good. Raises
   * `model.deployed`: what runs may be any of them.
   */
  forget(
    viewer: Viewer,
    of: Repository,
    asked: Readonly<{ sha256s: readonly string[]; author: string }>,
  ): Promise<void>;
  squash(
    of: Repository,
    asked: Readonly<{ branch: string; message: string; author: string }>,
  ): Promise<string>;
}

/** Pages of commits are not asked for by any client; older ones are reached from the last that is shown. */
const SHOWN_MAX = 1_000;
const STORED_MAX = 50_000;
/** Revisions that are known to be known to git: one word each in memory, one look-up less each time. */
const SETTLED_MAX = 10_000;

export type HistoryParts = CommitParts & Readonly<{ isDeployed: IsDeployed }>;

export function createHistory(parts: HistoryParts): History {
  const { database } = parts;
  const settled = rememberDone(SETTLED_MAX);
  return {
    commit: (viewer, { row }, asked) => {
      const userId = viewer.principal?.userId ?? null;
      return commit(parts, viewer.tenantId, row, { ...asked, userId });
    },
    revision: async ({ row }, name) => {
      const revisionId = await resolveRevision(database, row, name);
      const key = { tenantId: row.tenantId, modelId: row.id };
      // What is small text is known from then on.
      await settled(`${row.id} ${revisionId}`, () => ensureCommit(parts, key, revisionId));
      return readRevision(database, row, revisionId);
    },
    log: async ({ row }, name) => {
      const from = await resolveRevision(database, row, name);
      const key = { tenantId: row.tenantId, modelId: row.id };
      return selectHistory(database, key, from, SHOWN_MAX);
    },
    lastCommits: async ({ row }, { id, files }) => {
      const key = { tenantId: row.tenantId, modelId: row.id };
      const limit = revisionsToRead(files.length);
      const commits = await selectHistory(database, key, id, limit);
      const touched = lastTouched(await selectTouches(database, key, id, limit));
      return new Map(
        [...touched].flatMap(([path, depth]) => {
          const commit = commits[depth - 1];
          return commit === undefined ? [] : [[path, commit]];
        }),
      );
    },
    refs: ({ row }) => selectRefs(database, { tenantId: row.tenantId, modelId: row.id }),
    createRef: ({ row }, asked) => createRef(database, row, asked),
    removeRef: ({ row }, asked) => removeRef(database, row, asked),
    storedFiles: ({ row }) =>
      selectStoredFiles(database, { tenantId: row.tenantId, modelId: row.id }, STORED_MAX),
    forget: (viewer, { row }, asked) => forget(parts, viewer, row, asked),
    squash: ({ row }, asked) => squash(parts, row, asked),
  };
}

/** Does each thing once, as far back as it remembers. */
function rememberDone(max: number): (name: string, work: () => Promise<unknown>) => Promise<void> {
  const done = new Set<string>();
  return async (name, work) => {
    if (done.has(name)) return;
    await work();
    done.add(name);
    const [oldest] = done;
    if (done.size > max && oldest !== undefined) done.delete(oldest);
  };
}

async function forget(
  parts: HistoryParts,
  viewer: Viewer,
  row: ModelRow,
  { sha256s, author }: Readonly<{ sha256s: readonly string[]; author: string }>,
): Promise<void> {
  const { database } = parts;
  const key = { tenantId: row.tenantId, modelId: row.id };
  const head = await resolveRevision(database, row, 'main');
  const { files } = await readRevision(database, row, head);
  const gone = files.filter(({ sha256 }) => sha256s.includes(sha256));
  if (gone.length > 0) {
    await commit(parts, viewer.tenantId, row, {
      revision: 'main',
      parentId: head,
      message: 'Delete large files for good',
      author,
      changes: gone.map(({ path }) => ({ kind: 'delete', path })),
      target: 'branch',
    });
  }
  await transaction(database, async (tx) => {
    await lockRepository(tx, key);
    if (await parts.isDeployed(row.id, tx)) {
      throw failHub('model.deployed', `${row.owner}/${row.name} is deployed; end that first.`);
    }
    await deleteContents(tx, key, sha256s);
    await deleteGitCommits(tx, key);
  });
  await removeUnreferencedBlobs(parts, sha256s);
}

async function squash(
  parts: CommitParts,
  row: ModelRow,
  asked: Readonly<{ branch: string; message: string; author: string }>,
): Promise<string> {
  const { database, clock } = parts;
  const key = { tenantId: row.tenantId, modelId: row.id };
  const { revisionId: head } = await placeOf(database, row, asked.branch);
  // Of what a clone shows with lines of our own, the squashed one is shown so too: by a commit beside it.
  const isPlain = head === null || (await ensureCommit(parts, key, head)) === head;
  return transaction(database, async (tx) => {
    await lockRepository(tx, key);
    const place = await placeOf(tx, row, asked.branch);
    const before = await readFrom(tx, row, place.revisionId ?? '');
    const object = commitObject({
      tree: treeId(before.files, ''),
      parentId: null,
      author: asked.author,
      timeSeconds: Math.floor(clock.nowMs() / 1000),
      message: asked.message,
    });
    const revisionId = object.id;
    const { metadata, sizeBytes } = before;
    const { message, author } = asked;
    const isNew = await insertRevision(tx, {
      ...key,
      id: revisionId,
      message,
      author,
      metadata,
      sizeBytes,
      parentId: null,
    });
    const from = { ...key, revisionId, parentId: place.revisionId };
    if (isNew) await deriveFiles(tx, from, { put: [], gone: [] });
    if (isPlain && place.revisionId === head) await insertGitCommit(tx, key, revisionId, object);
    if (place.kind === 'main') {
      const latest = { tenantId: row.tenantId, id: row.id, latestRevisionId: revisionId };
      await updateModelContent(tx, { ...latest, license: row.license, card: row.card });
    } else await updateRef(tx, key, { kind: place.kind, name: place.name, revisionId });
    await parts.onChange?.(tx, changeOf(row, place, revisionId));
    return revisionId;
  });
}

async function readFrom(tx: Database, row: ModelRow, revisionId: string) {
  const { files } = await readRevision(tx, row, revisionId);
  const key = { tenantId: row.tenantId, modelId: row.id, revisionId, limit: 1 };
  const [found] = await selectRevisions(tx, key);
  const nothing = { weights: null, parts: [], hasChatTemplate: false };
  return { files, metadata: found?.metadata ?? nothing, sizeBytes: found?.sizeBytes ?? 0 };
}
