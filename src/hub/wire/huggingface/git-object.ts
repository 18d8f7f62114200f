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

export function pointerOf({ sha256, sizeBytes }: Pick<GitFile, 'sha256' | 'sizeBytes'>): Pointer {
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
  return { oid: gitObjectId('blob', Buffer.from(text)), sizeBytes: text.length };
}

/** SHA-1 over the object's kind, its length and its bytes. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function gitObjectId(kind: 'blob' | 'tree', bytes: Uint8Array): string {
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
  for (const path of folders) entries.push({ kind: 'folder', path, oid: treeId(files, path) });
  return entries.toSorted((left, right) => compareBytes(left.path, right.path));
}

/** As git names it: mode, name and id of each entry, folders sorted as if their names ended with a slash. */
export function treeId(files: readonly GitFile[], folder: string): string {
  const entries = (listTree(files, folder, false) ?? []).map((entry) => {
    const name = entry.path.slice(folder === '' ? 0 : folder.length + 1);
    const isFile = entry.kind === 'file';
    return { sortName: isFile ? name : `${name}/`, mode: isFile ? '100644' : '40000', name, entry };
  });
  const sorted = entries.toSorted((left, right) => compareBytes(left.sortName, right.sortName));
  const bytes = sorted.flatMap(({ mode, name, entry }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(entry.oid, 'hex'),
  ]);
  return gitObjectId('tree', Buffer.concat(bytes));
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
