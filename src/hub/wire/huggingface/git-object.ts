/**
 * Git's names for what is in a revision. Pure. Every file is shown as one that lies in LFS, of which git
 * knows only a small pointer: so the SHA-256 that the hub keeps is enough to name all of it, and clients
 * check what they fetched against that. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
import { createHash } from 'node:crypto';

export type GitFile = Readonly<{ path: string; sizeBytes: number; sha256: string }>;

export type Pointer = Readonly<{
  /** SHA-1 of the pointer as a git blob, 40 hex digits. */
  oid: string;
  sizeBytes: number;
}>;

export function pointerOf(file: Pick<GitFile, 'sha256' | 'sizeBytes'>): Pointer {
  const text = pointerText(file);
  return { oid: gitObjectId('blob', Buffer.from(text)), sizeBytes: text.length };
}

/** What git keeps in the place of a large file. */
export function pointerText({ sha256, sizeBytes }: Pick<GitFile, 'sha256' | 'sizeBytes'>): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
}

/** SHA-1 over the object's kind, its length and its bytes. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function gitObjectId(kind: 'blob' | 'tree' | 'commit', bytes: Uint8Array): string {
  return createHash('sha1').update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex');
}

export type TreeEntry =
  | Readonly<{ kind: 'file'; path: string; file: GitFile; oid: string }>
  | Readonly<{ kind: 'folder'; path: string; oid: string }>;

/**
 * What lies in a folder ('' is the root), and with `isRecursive` below it: folders and files by path.
 * Null where there is no such folder.
 */
export function listTree(
  files: readonly GitFile[],
  folder: string,
  isRecursive: boolean,
): readonly TreeEntry[] | null {
  const prefix = folder === '' ? '' : `${folder}/`;
  const below = files.filter(({ path }) => path.startsWith(prefix));
  if (below.length === 0 && folder !== '') return null;
  const folders = new Set<string>();
  const entries: TreeEntry[] = [];
  for (const file of below) {
    const parts = file.path.slice(prefix.length).split('/');
    const depth = isRecursive ? parts.length - 1 : Math.min(1, parts.length - 1);
    for (let end = 1; end <= depth; end += 1) folders.add(prefix + parts.slice(0, end).join('/'));
    if (isRecursive || parts.length === 1) {
      entries.push({ kind: 'file', path: file.path, file, oid: pointerOf(file).oid });
    }
  }
  const ids = treeIds(files);
  for (const path of folders) entries.push({ kind: 'folder', path, oid: ids.get(path) ?? '' });
  return entries.toSorted((left, right) => compareBytes(left.path, right.path));
}

/** Of a folder ('' is the root), as git names it. */
export function treeId(files: readonly GitFile[], folder: string): string {
  return treeIds(files).get(folder) ?? gitObjectId('tree', Buffer.alloc(0));
}

type Entry = Readonly<{ mode: string; name: string; sortName: string; oid: string }>;

/**
 * Of every folder, in one pass from the leaves up: mode, name and id of each entry, folders sorted as if
 * their names ended with a slash.
 */
function treeIds(files: readonly GitFile[]): ReadonlyMap<string, string> {
  const entries = new Map<string, Entry[]>([['', []]]);
  const add = (path: string, entry: Pick<Entry, 'mode' | 'oid'>): void => {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    const sortName = entry.mode === '40000' ? `${name}/` : name;
    entriesIn(entries, path.slice(0, Math.max(cut, 0))).push({ ...entry, name, sortName });
  };
  for (const file of files) add(file.path, { mode: '100644', oid: pointerOf(file).oid });
  const folders = [...entries.keys()].toSorted((left, right) => depthOf(right) - depthOf(left));
  const ids = new Map<string, string>();
  for (const folder of folders) {
    const oid = hashEntries(entries.get(folder) ?? []);
    ids.set(folder, oid);
    if (folder !== '') add(folder, { mode: '40000', oid });
  }
  return ids;
}

/** The list of a folder; it and the folders above it are made where they are not there yet. */
function entriesIn(entries: Map<string, Entry[]>, folder: string): Entry[] {
  const found = entries.get(folder);
  if (found !== undefined) return found;
  const made: Entry[] = [];
  entries.set(folder, made);
  entriesIn(entries, folder.slice(0, Math.max(folder.lastIndexOf('/'), 0)));
  return made;
}

function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

function hashEntries(entries: readonly Entry[]): string {
  const sorted = entries.toSorted((left, right) => compareBytes(left.sortName, right.sortName));
  const bytes = sorted.flatMap(({ mode, name, oid }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(oid, 'hex'),
  ]);
  return gitObjectId('tree', Buffer.concat(bytes));
}

export type GitCommit = Readonly<{
  tree: string;
  parentId: string | null;
  author: string;
  timeSeconds: number;
  message: string;
}>;

/** As git names a commit of this content; line breaks in the author's name cannot forge a header. */
export function commitId({ tree, parentId, author, timeSeconds, message }: GitCommit): string {
  const who = `${author.replace(/[\n<>]/g, ' ')} <> ${timeSeconds} +0000`;
  const parent = parentId === null ? '' : `parent ${parentId}\n`;
  const text = `tree ${tree}\n${parent}author ${who}\ncommitter ${who}\n\n${message}\n`;
  return gitObjectId('commit', Buffer.from(text));
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
