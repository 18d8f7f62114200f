/** Which files the viewer reads, and which splits they belong to. Pure. */
export type ViewFormat = 'parquet' | 'jsonl' | 'csv' | 'tsv';

const ENDINGS: Readonly<Record<string, ViewFormat>> = {
  parquet: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
};

export function formatOf(path: string): ViewFormat | null {
  return ENDINGS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

export function canView(path: string): boolean {
  return formatOf(path) !== null;
}

/** Training rows first, as everybody looks at them first; then as they are named. */
export function sortViewable<File extends Readonly<{ path: string; size: number }>>(
  files: readonly File[],
): readonly File[] {
  const rank = ({ path }: File): number => (/(?:^|[/_.-])train/i.test(path) ? 0 : 1);
  return files
    .filter(({ path, size }) => canView(path) && size > 0)
    .toSorted((left, right) => rank(left) - rank(right) || left.path.localeCompare(right.path));
}
