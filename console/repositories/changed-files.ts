/** Which files differ between two revisions. Pure. A file with the same bytes under another name was renamed. */
import type { TreeEntry } from '#client/hub-repositories.ts';

export type FileChange =
  | Readonly<{ kind: 'added' | 'deleted'; path: string; sizeBytes: number }>
  | Readonly<{ kind: 'changed'; path: string; sizeBytes: number; beforeBytes: number }>
  | Readonly<{ kind: 'renamed'; path: string; from: string; sizeBytes: number }>;

export function changedFiles(
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): readonly FileChange[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const now = new Map(after.map((entry) => [entry.path, entry]));
  const gone = new Map(
    before.filter(({ path }) => !now.has(path)).map((entry) => [contentOf(entry), entry]),
  );
  const changes: FileChange[] = [];
  for (const entry of after) {
    const { path, size: sizeBytes } = entry;
    const was = old.get(path);
    if (was !== undefined) {
      if (contentOf(was) === contentOf(entry)) continue;
      changes.push({ kind: 'changed', path, sizeBytes, beforeBytes: was.size });
      continue;
    }
    const source = gone.get(contentOf(entry));
    if (source === undefined) changes.push({ kind: 'added', path, sizeBytes });
    else {
      gone.delete(contentOf(entry));
      old.delete(source.path);
      changes.push({ kind: 'renamed', path, from: source.path, sizeBytes });
    }
  }
  for (const { path, size } of old.values()) {
    if (!now.has(path)) changes.push({ kind: 'deleted', path, sizeBytes: size });
  }
  return changes.toSorted((left, right) => left.path.localeCompare(right.path));
}

function contentOf({ lfs, oid }: TreeEntry): string {
  return lfs?.oid ?? oid;
}
