/**
 * Git's names for what is in a revision. Pure. Small files are git's own; of the others, which lie in LFS,
 * git knows only a small pointer, made of the SHA-256 that the hub keeps. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
import { createHash } from 'node:crypto';

export type GitFile = Readonly<{
  path: string;
  sizeBytes: number;
  sha256: string;
  /** Of a file that git keeps itself. */
  gitOid?: string | undefined;
  isExecutable?: boolean | undefined;
}>;

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

/** Of what git keeps in a file's place: the file, or the pointer to it. */
export function blobIdOf(file: GitFile): string {
  return file.gitOid ?? pointerOf(file).oid;
}

export type GitKind = 'blob' | 'tree' | 'commit' | 'tag';

/** SHA-1 over the object's kind, its length and its bytes. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function gitObjectId(kind: GitKind, bytes: Uint8Array): string {
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
      entries.push({ kind: 'file', path: file.path, file, oid: blobIdOf(file) });
    }
  }
  const trees = treesOf(files);
  for (const path of folders) {
    entries.push({ kind: 'folder', path, oid: trees.get(path)?.oid ?? '' });
  }
  return entries.toSorted((left, right) => compareBytes(left.path, right.path));
}

/** Of a folder ('' is the root), as git names it. */
export function treeId(files: readonly GitFile[], folder: string): string {
  return treesOf(files).get(folder)?.oid ?? EMPTY_TREE;
}

const EMPTY_TREE = gitObjectId('tree', Buffer.alloc(0));

export type GitTree = Readonly<{ oid: string; bytes: Uint8Array }>;

type Entry = Readonly<{ mode: string; name: string; sortName: string; oid: string }>;

/**
 * Of every folder, in one pass from the leaves up: mode, name and id of each entry, folders sorted as if
 * their names ended with a slash.
 */
export function treesOf(files: readonly GitFile[]): ReadonlyMap<string, GitTree> {
  const entries = new Map<string, Entry[]>([['', []]]);
  const add = (path: string, entry: Pick<Entry, 'mode' | 'oid'>): void => {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    const sortName = entry.mode === '40000' ? `${name}/` : name;
    entriesIn(entries, path.slice(0, Math.max(cut, 0))).push({ ...entry, name, sortName });
  };
  for (const file of files) {
    add(file.path, { mode: file.isExecutable === true ? '100755' : '100644', oid: blobIdOf(file) });
  }
  const folders = [...entries.keys()].toSorted((left, right) => depthOf(right) - depthOf(left));
  const trees = new Map<string, GitTree>();
  for (const folder of folders) {
    const bytes = bytesOf(entries.get(folder) ?? []);
    const oid = gitObjectId('tree', bytes);
    trees.set(folder, { oid, bytes });
    if (folder !== '') add(folder, { mode: '40000', oid });
  }
  return trees;
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

function bytesOf(entries: readonly Entry[]): Uint8Array {
  const sorted = entries.toSorted((left, right) => compareBytes(left.sortName, right.sortName));
  const bytes = sorted.flatMap(({ mode, name, oid }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(oid, 'hex'),
  ]);
  return Buffer.concat(bytes);
}

export type GitCommit = Readonly<{
  tree: string;
  parentId: string | null;
  author: string;
  timeSeconds: number;
  message: string;
}>;

export type CommitObject = Readonly<{ id: string; bytes: Uint8Array }>;

/** As git keeps a commit of this content; line breaks in the author's name cannot forge a header. */
export function commitObject({
  tree,
  parentId,
  author,
  timeSeconds,
  message,
}: GitCommit): CommitObject {
  // eslint-disable-next-line no-control-regex -- a NUL would end the object for some readers.
  const who = `${author.replace(/[\u0000\n<>]/g, ' ')} <> ${timeSeconds} +0000`;
  const parent = parentId === null ? '' : `parent ${parentId}\n`;
  const text = `tree ${tree}\n${parent}author ${who}\ncommitter ${who}\n\n${message.replaceAll('\0', ' ')}\n`;
  const bytes = Buffer.from(text);
  return { id: gitObjectId('commit', bytes), bytes };
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
