/**
 * What a list is asked for, and where its next page begins. Pure. Pages go on after the last one's sort value
 * and id, so that whatever is made or changed meanwhile, no repository comes twice or is passed over.
 */
import { z } from '@hono/zod-openapi';
import type { RepositoryKind } from '../api.ts';
import { failHub } from '../errors.ts';
import { SORTS, type Sort } from './api.ts';

export type Direction = 'asc' | 'desc';

/** Number of parameters from `min` on and below `max`. */
export type ParameterRange = Readonly<{ min: number | null; max: number | null }>;

/** All of it must hold; a list of values means one of them. */
export type Filters = Readonly<{
  kind: RepositoryKind;
  search?: string | undefined;
  author?: string | undefined;
  /** Tags, and `license:…`, `language:…`, `dataset:…`, `library:…`, `base_model:[relation:]…`: all of them. */
  terms?: readonly string[] | undefined;
  task?: readonly string[] | undefined;
  library?: readonly string[] | undefined;
  license?: readonly string[] | undefined;
  language?: readonly string[] | undefined;
  quantization?: readonly string[] | undefined;
  gated?: boolean | undefined;
  parameters?: ParameterRange | undefined;
}>;

export type ListQuery = Filters &
  Readonly<{
    sort?: Sort | undefined;
    direction?: Direction | undefined;
    limit?: number | undefined;
    cursor?: string | undefined;
  }>;

export const LIST_PAGE = 50;
export const LIST_PAGE_MAX = 1_000;
const TERMS_MAX = 30;
const TERM_LENGTH_MAX = 200;

/** Where a page begins: after this value of the sort and this id, or after so many found by relevance. */
export type Place = Readonly<{ value: string; id: string }>;

export function encodeCursor(sort: Sort, direction: Direction, place: Place): string {
  const words = [sort, direction, place.value, place.id];
  return Buffer.from(JSON.stringify(words)).toString('base64url');
}

const cursorSchema = z.tuple([
  z.enum(SORTS),
  z.enum(['asc', 'desc']),
  z.string().max(300),
  z.string().max(100),
]);

/** Raises `list.cursor_invalid`, also for a cursor of a list that was sorted otherwise. */
export function decodeCursor(cursor: string, sort: Sort, direction: Direction): Place {
  try {
    const words: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const [cursorSort, cursorDirection, value, id] = cursorSchema.parse(words);
    if (cursorSort === sort && cursorDirection === direction && isOf(sort, value)) {
      return { value, id };
    }
  } catch {
    // Said below.
  }
  throw failHub('list.cursor_invalid', 'The cursor is not one that this list gave.', {
    param: 'cursor',
  });
}

/** What the database would refuse never reaches it. */
function isOf(sort: Sort, value: string): boolean {
  if (sort === 'name') return !value.includes('\u0000');
  if (sort === 'updated')
    return /^\d{4}-\d\d-\d\d[ T][\d:.]{8,15}([+-]\d\d(:?\d\d)?|Z)$/.test(value);
  return value === '' || /^-?\d{1,18}(\.\d{1,20})?(e[+-]?\d{1,3})?$/.test(value);
}

/** In lower case and without repeats. Raises `list.filter_invalid`. */
export function termsOf(terms: readonly string[]): readonly string[] {
  const lower = [...new Set(terms.map((term) => term.trim().toLowerCase()))].filter(
    (term) => term !== '',
  );
  if (lower.length > TERMS_MAX || lower.some((term) => term.length > TERM_LENGTH_MAX)) {
    throw failHub('list.filter_invalid', `At most ${TERMS_MAX} filters, of a name's length each.`);
  }
  return lower;
}

/** `min:6B,max:128B`, as the clients write it. Raises `list.filter_invalid`. */
export function parseParameterRange(text: string): ParameterRange {
  const bounds = new Map<string, number>();
  for (const part of text.split(',')) {
    const [, bound, number, unit] =
      /^\s*(min|max):(\d{1,6}(?:\.\d{1,6})?)([KMBT]?)\s*$/i.exec(part) ?? [];
    if (bound === undefined || number === undefined) {
      throw failHub('list.filter_invalid', 'Write num_parameters as min:6B,max:128B.');
    }
    bounds.set(bound.toLowerCase(), Number(number) * (UNITS[(unit ?? '').toUpperCase()] ?? 1));
  }
  return { min: bounds.get('min') ?? null, max: bounds.get('max') ?? null };
}

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
