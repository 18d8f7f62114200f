/**
 * Which commit touched each path last. Pure: `change-store.ts` reads what every revision changed, and this
 * walks them from the newest back. A folder was touched by whatever touched something below it.
 */
export type Touch = Readonly<{
  /** How far back: 1 is the newest revision. */
  depth: number;
  path: string;
}>;

/** The depth at which each path and each folder above it was touched last; others are older than what was read. */
export function lastTouched(touches: readonly Touch[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { depth, path } of touches.toSorted((left, right) => left.depth - right.depth)) {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const entry = path.slice(0, end);
      if (!found.has(entry)) found.set(entry, depth);
    }
  }
  return found;
}

/** File entries compared in one answer; a repository of many files is looked at less far back. */
const COMPARED_MAX = 100_000;
const REVISIONS_MAX = 300;

export function revisionsToRead(fileCount: number): number {
  return Math.max(1, Math.min(REVISIONS_MAX, Math.floor(COMPARED_MAX / Math.max(1, fileCount))));
}
