/**
 * What the commits of a push make of a repository: revisions with the very same ids, by the same rules that a
 * commit over the API keeps. Nothing is visible yet; small files are put down as bytes that the tenant sent.
 */
import type { File } from '../api.ts';
import { failHub } from '../errors.ts';
import { planCommit } from '../repositories/commit-plan.ts';
import { type CommitObject, blobIdOf, treeId } from '../wire/huggingface/git-object.ts';
import { failGit } from './errors.ts';
import type { ObjectReader } from './object-reader.ts';
import { type ParsedCommit, parseCommit, parsePointer, parseTree } from './parse-object.ts';
import { REGULAR_BYTES_MAX } from './regular.ts';

export type PushedRevision = Readonly<{
  object: CommitObject;
  parentId: string | null;
  author: string;
  message: string;
  files: readonly File[];
  put: readonly File[];
  gone: readonly string[];
}>;

export type PlanSources = Readonly<{
  reader: ObjectReader;
  /** The revision that a commit is, and its files; null where it is none. */
  known: (commitId: string) => Promise<Readonly<{ id: string; files: readonly File[] }> | null>;
  /** Puts small files down; in the order they came. */
  keep: (files: readonly Uint8Array[]) => Promise<readonly Pick<File, 'sha256' | 'sizeBytes'>[]>;
  /** Sizes of those of these bytes that may be named. */
  held: (sha256s: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}>;

type Content = Omit<File, 'path' | 'isExecutable'>;
type Found = Readonly<{ path: string; oid: string; isExecutable: boolean }>;

/** Rows that a push may make, over all its revisions. */
const ROWS_MAX = 500_000;
const FILES_MAX = 50_000;
const DEPTH_MAX = 60;
const COMMIT_BYTES_MAX = 1024 * 1024;
const TREE_BYTES_MAX = 16 * 1024 * 1024;
/** So much of small files is in memory at once. */
const KEEP_BYTES = 16 * 1024 * 1024;
const KEEP_FILES = 100;
const SMALL_BYTES_MAX = 1024 ** 3;

/** Raises `git.refused` and what a commit raises. */
export async function planPush(
  sources: PlanSources,
  commitIds: readonly string[],
): Promise<readonly PushedRevision[]> {
  const contents = new Map<string, Content>();
  const planned = new Map<string, PushedRevision>();
  const budget = { smallBytes: SMALL_BYTES_MAX, rows: ROWS_MAX };
  for (const commitId of commitIds) {
    const read = await sources.reader.read(commitId, COMMIT_BYTES_MAX);
    if (read?.kind !== 'commit' || read.bytes === null) throw damaged(commitId);
    const commit = parseCommit(read.bytes);
    const parent = await parentOf(sources, planned, commit, contents);
    const found = await walk(sources.reader, commit.tree);
    budget.rows -= found.length;
    if (budget.rows < 0)
      throw failGit('git.refused', 'This push is too large at once; push in parts.');
    await readContents(sources, found, contents, budget);
    const files = found.map((file) => fileOfFound(file, contents));
    if (treeId(files, '') !== commit.tree) {
      throw failGit(
        'git.refused',
        `The commit ${commitId.slice(0, 10)} holds folders that are empty.`,
      );
    }
    const plan = planCommit(parent?.files ?? [], changesTo(parent?.files ?? [], files));
    await requireHeld(sources, plan.put);
    planned.set(commitId, {
      object: { id: commitId, bytes: read.bytes },
      parentId: parent?.id ?? null,
      author: commit.author,
      message: commit.message,
      files,
      put: plan.put,
      gone: plan.gone,
    });
  }
  return [...planned.values()];
}

/** Of several the first is what the revision is made from; all must be here. */
async function parentOf(
  sources: PlanSources,
  planned: ReadonlyMap<string, PushedRevision>,
  { parents }: ParsedCommit,
  contents: Map<string, Content>,
) {
  let first: Readonly<{ id: string; files: readonly File[] }> | null = null;
  for (const parentId of parents) {
    const own = planned.get(parentId);
    const found =
      own === undefined ? await sources.known(parentId) : { id: parentId, files: own.files };
    if (found === null) {
      throw failGit(
        'git.refused',
        `The commit ${parentId.slice(0, 10)} is not here and was not sent.`,
      );
    }
    first ??= found;
    if (own !== undefined) continue;
    for (const file of found.files) {
      const { sha256, sizeBytes, gitOid } = file;
      const content = { sha256, sizeBytes, ...(gitOid !== undefined && { gitOid }) };
      contents.set(blobIdOf(file), content);
    }
  }
  return first;
}

/** All files below a tree. */
async function walk(reader: ObjectReader, root: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  const open: { prefix: string; oid: string; depth: number }[] = [
    { prefix: '', oid: root, depth: 0 },
  ];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const { prefix, oid, depth } = folder;
    const tree = await reader.read(oid, TREE_BYTES_MAX);
    if (tree?.kind !== 'tree' || tree.bytes === null || depth > DEPTH_MAX) throw damaged(oid);
    for (const { mode, name, oid: item } of parseTree(tree.bytes)) {
      const path = `${prefix}${name}`;
      if (mode === '40000') open.push({ prefix: `${path}/`, oid: item, depth: depth + 1 });
      else found.push({ path, oid: item, isExecutable: requireFile(mode, path) });
    }
    if (found.length + open.length > FILES_MAX) {
      throw failHub('commit.too_many_files', `A repository holds ${FILES_MAX} files at most.`);
    }
  }
  return found;
}

/** Whether it may be run. */
function requireFile(mode: string, path: string): boolean {
  if (mode === '100644') return false;
  if (mode === '100755') return true;
  const what = { '120000': 'a symbolic link', '160000': 'a submodule' }[mode] ?? `of mode ${mode}`;
  throw failGit(
    'git.refused',
    `${shown(path)} is ${what}; a repository here holds plain files only.`,
  );
}

async function readContents(
  sources: PlanSources,
  found: readonly Found[],
  contents: Map<string, Content>,
  budget: { smallBytes: number },
): Promise<void> {
  let waiting: { oid: string; bytes: Buffer }[] = [];
  let bytesWaiting = 0;
  const flush = async (): Promise<void> => {
    const kept = await sources.keep(waiting.map(({ bytes }) => bytes));
    for (const [index, { oid }] of waiting.entries()) {
      const content = kept[index];
      if (content !== undefined) contents.set(oid, { ...content, gitOid: oid });
    }
    [waiting, bytesWaiting] = [[], 0];
  };
  const seen = new Set<string>();
  for (const { path, oid } of found) {
    if (contents.has(oid) || seen.has(oid)) continue;
    seen.add(oid);
    const blob = await sources.reader.read(oid, REGULAR_BYTES_MAX);
    if (blob === null || blob.kind !== 'blob') throw damaged(oid);
    if (blob.bytes === null) throw tooLarge(path, blob.sizeBytes);
    const pointer = parsePointer(blob.bytes);
    if (pointer !== null) contents.set(oid, pointer);
    else {
      waiting.push({ oid, bytes: blob.bytes });
      bytesWaiting += blob.sizeBytes;
      budget.smallBytes -= blob.sizeBytes;
      if (budget.smallBytes < 0)
        throw failGit('git.refused', 'This push is too large; use git-lfs.');
    }
    if (waiting.length >= KEEP_FILES || bytesWaiting >= KEEP_BYTES) await flush();
  }
  if (waiting.length > 0) await flush();
}

function fileOfFound(
  { path, oid, isExecutable }: Found,
  contents: ReadonlyMap<string, Content>,
): File {
  const content = contents.get(oid);
  if (content === undefined) throw damaged(oid);
  return { path, ...content, ...(isExecutable && { isExecutable }) };
}

function changesTo(before: readonly File[], files: readonly File[]) {
  const now = new Set(files.map(({ path }) => path));
  return [
    ...before
      .filter(({ path }) => !now.has(path))
      .map(({ path }) => ({ kind: 'delete', path }) as const),
    ...files.map((file) => ({ kind: 'put', ...file }) as const),
  ];
}

/** Of large files git brings pointers only: the bytes must have come before, and be the sender's to name. */
async function requireHeld({ held }: PlanSources, put: readonly File[]): Promise<void> {
  const large = put.filter(({ gitOid }) => gitOid === undefined);
  if (large.length === 0) return;
  const sizes = await held(large.map(({ sha256 }) => sha256));
  const missing = large.find(({ sha256, sizeBytes }) => sizes.get(sha256) !== sizeBytes);
  if (missing === undefined) return;
  throw failGit(
    'git.refused',
    `The bytes of ${shown(missing.path)} are not here: send them with git lfs push --all, then push again.`,
  );
}

function tooLarge(path: string, sizeBytes: number): Error {
  const limit = `${REGULAR_BYTES_MAX / 1024 ** 2} MiB`;
  return failGit(
    'git.refused',
    `${shown(path)} has ${sizeBytes} bytes; files over ${limit} go by LFS: git lfs track, then git lfs migrate import --include=${JSON.stringify(path.slice(0, 120))}`,
  );
}

function damaged(oid: string): Error {
  return failGit(
    'git.refused',
    `The object ${oid.slice(0, 10)} is missing or is not what it should be.`,
  );
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 120));
}
