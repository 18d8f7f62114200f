/**
 * Commits: a branch goes from one revision to the next, whole or not at all. What the new revision says of
 * itself is read before the transaction; inside it the branch must still stand where it stood, else all is
 * planned anew, or refused where the caller named the parent.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import type { File } from '../api.ts';
import { type ByteSources, readPart } from '../bytes.ts';
import { accountName, commitToPull, openPull } from '../community/pull-refs.ts';
import type { RepositoryListener } from '../community/repository-events.ts';
import { type Content, describeContent } from '../content.ts';
import { failHub } from '../errors.ts';
import { ATTRIBUTES_PATH, coverFiles } from '../git/attributes.ts';
import { ensureCommit, readAttributes } from '../git/commit-ids.ts';
import { insertGitCommit } from '../git/git-store.ts';
import { replaceLineage } from '../lineage-store.ts';
import {
  type ModelRow,
  fileOf,
  insertRevision,
  lockBlobs,
  selectFiles,
  selectRevisions,
  updateModelContent,
} from '../store.ts';
import { type WeightsReport, inspectWeights } from '../weights.ts';
import { chooseWeights, isWeightsPath } from '../weights-choice.ts';
import type { CandidateFile } from '../weights-header.ts';
import {
  type CommitObject,
  commitObject,
  gitObjectId,
  treeId,
} from '../wire/huggingface/git-object.ts';
import { type Change, type CommitPlan, planCommit } from './commit-plan.ts';
import { deriveFiles, selectHeld, updateRef } from './commit-store.ts';
import { type Place, changeOf, placeOf } from './refs.ts';
import { lockRepository } from './repository-store.ts';
import { keepBytes } from './uploads.ts';

export type CommitAsked = Readonly<{
  /** A branch, main among them, or the head of a pull request. */
  revision: string;
  /** Where the branch must stand; null where anywhere will do. */
  parentId: string | null;
  message: string;
  author: string;
  changes: readonly Change[];
  /** Leaves the branch where it is and puts the commit on a pull request of its own. */
  target: 'branch' | 'pull';
  /** The member who commits; null for a key. */
  userId?: string | null;
  /** What belongs to the commit, in its transaction. */
  within?: (tx: Database, revisionId: string) => Promise<void>;
}>;

export type Committed = Readonly<{ revisionId: string; pull: number | null }>;

export type CommitParts = ByteSources &
  Readonly<{ database: Database; clock: Clock; onChange?: RepositoryListener | undefined }>;

/** Writers who name no parent come one after the other; so many may come between before one gives up. */
const ATTEMPTS_MAX = 8;
const MESSAGE_LENGTH_MAX = 10_000;
const EMPTY_FILES: readonly File[] = [];

/**
 * Raises `commit.*`, `file.unknown`, `revision.unknown`, `model.unknown`. `tenantId` is who commits,
 * which need not be whose repository it is.
 */
export async function commit(
  parts: CommitParts,
  tenantId: string,
  row: ModelRow,
  asked: CommitAsked,
): Promise<Committed> {
  await requireHeld(parts.database, tenantId, asked.changes);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const place = await placeOf(parts.database, row, asked.revision);
    const parent = await parentOf(parts, row, place);
    if (asked.parentId !== null && !parent.names.has(asked.parentId)) throw stale();
    const prepared = await prepare(parts, { row, tenantId, parent }, asked);
    const { put, gone } = prepared.plan;
    if (place.revisionId !== null && put.length + gone.length === 0) {
      // Nothing changes: a repeat of a commit whose answer was lost.
      return { revisionId: place.revisionId, pull: null };
    }
    const committed = await transaction(parts.database, (tx) =>
      write(tx, parts, { row, place, tenantId }, { ...asked, ...prepared }),
    );
    if (committed !== null) return committed;
    if (asked.parentId !== null) throw stale();
  }
  throw failHub('commit.raced', 'Others commit to this branch all the time; try again.', {
    retryAfterMs: 1000,
  });
}

type Parent = Readonly<{
  revisionId: string | null;
  /** What git knows it by, which is its own name unless it was imported. */
  commitId: string | null;
  names: ReadonlySet<string | null>;
}>;

async function parentOf(parts: CommitParts, row: ModelRow, { revisionId }: Place): Promise<Parent> {
  const key = { tenantId: row.tenantId, modelId: row.id };
  const commitId = revisionId === null ? null : await ensureCommit(parts, key, revisionId);
  return { revisionId, commitId, names: new Set([revisionId, commitId]) };
}

/** In the words of the hub that the clients know. */
function stale(): Error {
  return failHub('commit.stale', 'A commit has happened since. Please refresh and try again.');
}

/** Raises `commit.bytes_missing`: a hash that this tenant never had leads to nobody's bytes. */
async function requireHeld(
  database: Database,
  tenantId: string,
  changes: readonly Change[],
): Promise<void> {
  const put = changes.filter((change) => change.kind === 'put');
  const held = await selectHeld(
    database,
    tenantId,
    put.map(({ sha256 }) => sha256),
  );
  for (const { path, sha256, sizeBytes } of put) {
    if (held.get(sha256) === sizeBytes) continue;
    throw failHub(
      'commit.bytes_missing',
      `The bytes of ${path.slice(0, 200)} (${sha256}, ${sizeBytes}) were not uploaded.`,
    );
  }
}

type Prepared = Readonly<{
  plan: CommitPlan;
  content: Content;
  revisionId: string;
  object: CommitObject;
}>;

async function prepare(
  parts: CommitParts,
  { row, tenantId, parent }: Readonly<{ row: ModelRow; tenantId: string; parent: Parent }>,
  asked: CommitAsked,
): Promise<Prepared> {
  const parentId = parent.revisionId;
  const key = { tenantId: row.tenantId, modelId: row.id };
  const before =
    parentId === null
      ? EMPTY_FILES
      : (await selectFiles(parts.database, { ...key, revisionIds: [parentId] })).map((file) =>
          fileOf(file),
        );
  const plan = await planCovered(parts, tenantId, before, asked.changes);
  const files = plan.files.map((file) => candidate(parts, file));
  const content = await describe(parts, row, { parentId, plan, files });
  const timeSeconds = Math.floor(parts.clock.nowMs() / 1000);
  const object = commitObject({
    tree: treeId(plan.files, ''),
    parentId: parent.commitId,
    author: asked.author,
    timeSeconds,
    message: asked.message.slice(0, MESSAGE_LENGTH_MAX),
  });
  return { plan, content, revisionId: object.id, object };
}

/** With the lines of `.gitattributes` that its large files need, as the original hub adds them. */
async function planCovered(
  parts: CommitParts,
  tenantId: string,
  before: readonly File[],
  changes: readonly Change[],
): Promise<CommitPlan> {
  const plan = planCommit(before, changes);
  if (plan.put.length + plan.gone.length === 0) return plan;
  const text = await readAttributes(parts, plan.files);
  const covered = text === null ? null : coverFiles(text, plan.files);
  if (covered === null || covered === text) return plan;
  const bytes = Buffer.from(covered);
  const kept = await keepBytes(parts, tenantId, bytes);
  const made = { path: ATTRIBUTES_PATH, ...kept, gitOid: gitObjectId('blob', bytes) };
  return planCommit(before, [...changes, { kind: 'put', ...made }]);
}

function candidate(parts: CommitParts, file: File): CandidateFile {
  const { path, sizeBytes, sha256 } = file;
  return {
    path,
    sizeBytes,
    sha256,
    read: (offset, length) => readPart(parts, sha256, offset, Math.min(length, sizeBytes)),
  };
}

/** What main would say of itself with these files. */
export function contentOf(
  parts: CommitParts,
  row: ModelRow,
  files: readonly File[],
): Promise<Content> {
  const plan = { files, put: files, gone: [] };
  return describe(parts, row, {
    parentId: null,
    plan,
    files: files.map((file) => candidate(parts, file)),
  });
}

async function describe(
  parts: CommitParts,
  row: ModelRow,
  { parentId, plan, files }: { parentId: string | null; plan: CommitPlan; files: CandidateFile[] },
): Promise<Content> {
  const report = row.kind === 'model' ? await inspect(files) : null;
  const content = await describeContent(files, report, null);
  const paths = [...plan.gone, ...plan.put.map(({ path }) => path)];
  if (report !== null || parentId === null || paths.some(saysOfWeights)) return content;
  const key = { tenantId: row.tenantId, modelId: row.id, revisionId: parentId, limit: 1 };
  const [parent] = await selectRevisions(parts.database, key);
  return parent === undefined ? content : { ...content, metadata: parent.metadata };
}

/** Whether what a file says of its model may have changed with it. */
export function saysOfWeights(path: string): boolean {
  return isWeightsPath(path) || path === 'config.json' || path === 'adapter_config.json';
}

/**
 * Null where there are no weights to serve, or not yet: a large model arrives in many commits. What cannot
 * be read is kept all the same, as the hub it came from would, and served by nobody.
 */
async function inspect(files: readonly CandidateFile[]): Promise<WeightsReport | null> {
  if (chooseWeights(files.map(({ path }) => path)).kind !== 'chosen') return null;
  try {
    return await inspectWeights(files);
  } catch (error) {
    if (error instanceof FlywheelError && error.code.startsWith('weights.')) return null;
    throw error;
  }
}

/** Null when the branch went on meanwhile. */
async function write(
  tx: Database,
  parts: CommitParts,
  { row, place, tenantId }: Readonly<{ row: ModelRow; place: Place; tenantId: string }>,
  made: CommitAsked & Prepared,
): Promise<Committed | null> {
  const key = { tenantId: row.tenantId, modelId: row.id };
  if ((await lockRepository(tx, key)) === null) {
    throw failHub('model.unknown', `There is no ${row.kind} ${row.owner}/${row.name}.`);
  }
  const now = await placeOf(tx, row, made.revision);
  if (now.revisionId !== place.revisionId) return null;
  const { plan, content, revisionId } = made;
  await lockBlobs(tx, plan.put);
  const isNew = await insertRevision(tx, {
    ...key,
    id: revisionId,
    message: made.message.slice(0, MESSAGE_LENGTH_MAX),
    metadata: content.metadata,
    sizeBytes: content.sizeBytes,
    parentId: place.revisionId,
    author: made.author,
  });
  if (isNew) await deriveFiles(tx, { ...key, revisionId, parentId: place.revisionId }, plan);
  await insertGitCommit(tx, key, revisionId, made.object);
  const author = {
    tenantId,
    userId: made.userId ?? null,
    name: await accountName(tx, tenantId, made.author),
  };
  const { message } = made;
  const at = new Date(parts.clock.nowMs());
  if (made.target === 'pull') {
    const baseRevisionId = place.revisionId;
    const opened = { message, author, revisionId, baseRevisionId, at, status: 'open' } as const;
    const pull = await openPull(tx, key, opened);
    const opening = { row, kind: 'content', ref: `refs/pr/${pull}`, oldRevisionId: null } as const;
    await parts.onChange?.(tx, { ...opening, revisionId });
    await parts.onChange?.(tx, { row, kind: 'discussion', action: 'create', num: pull });
    return { revisionId, pull };
  }
  if (place.kind === 'pull') {
    await commitToPull(tx, key, { num: Number(place.name), author, at, revisionId, message });
  }
  if (place.kind === 'main') await moveMain(tx, row, content, revisionId);
  else await updateRef(tx, key, { kind: place.kind, name: place.name, revisionId });
  await parts.onChange?.(tx, changeOf(row, place, revisionId));
  await made.within?.(tx, revisionId);
  return { revisionId, pull: null };
}

/** What people see of the repository is what main says. */
export async function moveMain(
  tx: Database,
  row: Pick<ModelRow, 'id' | 'tenantId' | 'kind' | 'owner' | 'name'>,
  content: Content,
  revisionId: string,
): Promise<void> {
  const { tenantId, id } = row;
  await updateModelContent(tx, { ...content, tenantId, id, latestRevisionId: revisionId });
  if (row.kind !== 'model') return;
  const fullName = `${row.owner}/${row.name}`;
  await replaceLineage(tx, { tenantId, id, fullName }, content.bases);
}
