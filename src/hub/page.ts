/** Lists in pages, newest first: ids grow with time, so the last id shown is where the next page starts. */
import { failHub } from './errors.ts';

export type PageQuery = Readonly<{ limit?: number | undefined; cursor?: string | undefined }>;

export type Page<Item> = Readonly<{ data: readonly Item[]; nextCursor: string | null }>;

export const PAGE_LIMIT = 50;
export const PAGE_LIMIT_MAX = 200;

const CURSOR = /^[a-z]{3}_[0-9a-z]{26}$/;

/** Raises `list.cursor_invalid`. */
export async function pageOf<Item extends Readonly<{ id: string }>>(
  query: PageQuery,
  read: (page: Readonly<{ before: string | null; limit: number }>) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const limit = Math.min(query.limit ?? PAGE_LIMIT, PAGE_LIMIT_MAX);
  const before = query.cursor ?? null;
  if (before !== null && !CURSOR.test(before)) {
    throw failHub('list.cursor_invalid', 'The cursor is not one that a list gave.', {
      param: 'cursor',
    });
  }
  // One more than shown says whether there is a next page.
  const found = await read({ before, limit: limit + 1 });
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: found.length > limit && last !== undefined ? last.id : null };
}
