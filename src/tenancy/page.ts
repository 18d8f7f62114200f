/** A list one page at a time. The store reads one row more than asked; that one tells of a next page. */
import type { PageQuery } from './api.ts';
import type { PageOf } from './store.ts';

export type Page<T> = Readonly<{ data: T[]; nextCursor: string | null }>;

export function pageOf(query: PageQuery): PageOf {
  return { cursor: query.cursor ?? null, limit: query.limit };
}

export function toPage<Row extends Readonly<{ id: string }>, T>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  return {
    data: shown.map(present),
    nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  };
}
