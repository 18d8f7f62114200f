/**
 * What a merge of two lines of work does to the files of one. Pure, by whole files: what only one side
 * touched is as that side left it; what both changed to different contents is a conflict, and so is a name
 * that could not stand beside another on some file system. Texts are not merged line by line.
 */
import type { File } from '../api.ts';
import { type Change, foldPath } from '../repositories/commit-plan.ts';

export type MergePlan = Readonly<{
  /** To make of ours what the merge is. */
  changes: readonly Change[];
  /** Paths, sorted; the merge is not possible while there is one. */
  conflicts: readonly string[];
}>;

export function planMerge(
  base: readonly File[],
  ours: readonly File[],
  theirs: readonly File[],
): MergePlan {
  const before = byPath(base);
  const mine = byPath(ours);
  const other = byPath(theirs);
  const changes: Change[] = [];
  const conflicts = new Set<string>();
  for (const path of new Set([...before.keys(), ...other.keys()])) {
    const was = before.get(path)?.sha256;
    const now = mine.get(path)?.sha256;
    const wanted = other.get(path);
    if (wanted?.sha256 === was || wanted?.sha256 === now) continue;
    if (now !== was) conflicts.add(path);
    else if (wanted === undefined) changes.push({ kind: 'delete', path });
    else changes.push({ kind: 'put', ...wanted, path });
  }
  for (const path of clashes(mine.keys(), changes)) conflicts.add(path);
  return { changes, conflicts: [...conflicts].toSorted() };
}

function byPath(files: readonly File[]): ReadonlyMap<string, File> {
  return new Map(files.map((file) => [file.path, file]));
}

/** Paths put by the changes that would be file and folder at once, or differ from another by case only. */
function clashes(ours: Iterable<string>, changes: readonly Change[]): readonly string[] {
  const gone = new Set(changes.filter(({ kind }) => kind === 'delete').map(({ path }) => path));
  const put = changes.filter(({ kind }) => kind === 'put').map(({ path }) => path);
  const files = new Map<string, Set<string>>();
  const folders = new Set<string>();
  for (const path of new Set([...ours, ...put])) {
    if (gone.has(path)) continue;
    const folded = foldPath(path);
    files.set(folded, (files.get(folded) ?? new Set()).add(path));
    for (const folder of foldersOf(folded)) folders.add(folder);
  }
  return put.filter((path) => {
    const folded = foldPath(path);
    return (
      (files.get(folded)?.size ?? 0) > 1 ||
      folders.has(folded) ||
      foldersOf(folded).some((folder) => files.has(folder))
    );
  });
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
