/**
 * What a commit makes of the files before it. Pure. Later changes win over earlier ones of the same
 * commit, as the clients expect; a path that could not be written down on every node is refused.
 */
import type { File } from '../api.ts';
import { failHub } from '../errors.ts';
import { isSafePath } from '../name.ts';
import { fileOf } from '../store.ts';

export type Change =
  | (Readonly<{ kind: 'put' }> & File)
  | Readonly<{ kind: 'delete'; path: string }>
  | Readonly<{ kind: 'delete_folder'; path: string }>
  | Readonly<{ kind: 'copy'; path: string; from: string }>;

export type CommitPlan = Readonly<{
  files: readonly File[];
  /** New, or of other content than before. */
  put: readonly File[];
  /** Paths of before that are not what they were. */
  gone: readonly string[];
}>;

export type PlanLimits = Readonly<{ filesMax: number }>;

/** What a listing in one answer and a tree in memory still bear. */
export const PLAN_LIMITS: PlanLimits = { filesMax: 50_000 };

/** Raises `commit.path_invalid`, `commit.path_taken`, `commit.too_many_files`, `file.unknown`. */
export function planCommit(
  before: readonly File[],
  changes: readonly Change[],
  limits: PlanLimits = PLAN_LIMITS,
): CommitPlan {
  const files = new Map(before.map((file) => [file.path, file]));
  for (const change of changes) apply(files, before, change);
  if (files.size > limits.filesMax) {
    throw failHub(
      'commit.too_many_files',
      `A repository holds ${limits.filesMax} files at most, and this would make ${files.size}.`,
    );
  }
  const known = new Map(before.map((file) => [file.path, file]));
  const put = [...files.values()].filter((file) => !isSame(known.get(file.path), file));
  requireDistinct(files, put);
  const gone = before.filter((file) => !isSame(files.get(file.path), file));
  return { files: [...files.values()], put, gone: gone.map(({ path }) => path) };
}

/** Also to git, to whom a file and a pointer to it are two things. */
function isSame(one: File | undefined, other: File): boolean {
  return (
    one !== undefined &&
    one.sha256 === other.sha256 &&
    one.gitOid === other.gitOid &&
    one.isExecutable === other.isExecutable
  );
}

function apply(files: Map<string, File>, before: readonly File[], change: Change): void {
  const path = change.path.replace(/^\.\//, '').replace(/\/+$/, '');
  switch (change.kind) {
    case 'put': {
      files.set(requirePath(path), fileOf({ ...change, path }));
      return;
    }
    case 'copy': {
      const source = files.get(change.from) ?? before.find((file) => file.path === change.from);
      if (source === undefined) throw missing(change.from);
      files.set(requirePath(path), { ...source, path });
      return;
    }
    case 'delete':
      if (!files.delete(path)) throw missing(path);
      return;
    case 'delete_folder': {
      const below = [...files.keys()].filter((key) => key.startsWith(`${path}/`));
      if (below.length === 0) throw missing(`${path}/`);
      for (const key of below) files.delete(key);
      return;
    }
    default:
      return change satisfies never;
  }
}

/** In the words that huggingface_hub looks for, to say how a folder is deleted. */
function missing(path: string): Error {
  return failHub('file.unknown', `A file with this name doesn't exist: ${path.slice(0, 200)}`);
}

/** Git's own folder is never a file of a repository. */
function requirePath(path: string): string {
  if (isSafePath(path) && !/^\.git(?:\/|$)/i.test(path)) return path;
  throw failHub(
    'commit.path_invalid',
    `${JSON.stringify(path.slice(0, 120))} is not a plain relative path.`,
  );
}

/**
 * A name may not be file and folder at once, nor differ from another by case or by the way its letters
 * are composed only: one file system or another would put one over the other.
 */
function requireDistinct(files: ReadonlyMap<string, File>, put: readonly File[]): void {
  if (put.length === 0) return;
  const folded = new Map<string, string>();
  const folders = new Set<string>();
  for (const path of files.keys()) {
    folded.set(foldPath(path), folded.has(foldPath(path)) ? '' : path);
    for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1)) {
      folders.add(foldPath(path.slice(0, cut)));
    }
  }
  for (const { path } of put) {
    if (folded.get(foldPath(path)) !== path) throw taken(path, 'differs from another by case only');
    if (folders.has(foldPath(path))) throw taken(path, 'is also the name of a folder');
    for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1)) {
      if (folded.has(foldPath(path.slice(0, cut)))) throw taken(path, 'lies below a file');
    }
  }
}

/** What a file system that ignores case and composition takes a path for. */
export function foldPath(path: string): string {
  return path.normalize('NFKC').toLowerCase();
}

function taken(path: string, why: string): Error {
  return failHub('commit.path_taken', `${JSON.stringify(path.slice(0, 120))} ${why}.`);
}
