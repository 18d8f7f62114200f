/**
 * Price books as files, JSON or CSV. Pure. What is written reads back the same; what is read is whole or not at
 * all, and every fault says its line. The files are for spreadsheets, reviews and other systems' hands.
 */
import type { BookFormat, PriceDraftItem } from './api.ts';
import { readBookCsv, writeBookCsv } from './book-csv.ts';
import { readBookJson, writeBookJson } from './book-json.ts';
import { findProblems } from './check.ts';
import { canonicalTerms } from './terms.ts';

/** A price of a model as it stands in a file. */
export type BookItem = PriceDraftItem;

export type Fault = Readonly<{ line: number; message: string }>;

/** A price with the lines of the file that its parts stand on. */
export type ReadItem = Readonly<{
  item: BookItem;
  line: number;
  lineOf: (path: readonly (string | number)[]) => number;
}>;

export type ReadBook = Readonly<{ items: readonly ReadItem[]; faults: readonly Fault[] }>;

export function writeBook(items: readonly BookItem[], format: BookFormat): string {
  const sorted = items
    .map((item) => ({ ...item, terms: canonicalTerms(item.terms) }))
    .toSorted((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
  return format === 'json' ? writeBookJson(sorted) : writeBookCsv(sorted);
}

/** Items in their one form; none where there is a fault. Faults are by line. */
export function readBook(
  text: string,
  format: BookFormat,
): Readonly<{ items: readonly ReadItem[]; faults: readonly Fault[] }> {
  const { items, faults } = format === 'json' ? readBookJson(text) : readBookCsv(text);
  const all = [...faults, ...items.flatMap(faultsOf), ...overlaps(items)].toSorted(
    (left, right) => left.line - right.line,
  );
  if (all.length > 0) return { items: [], faults: all };
  const read = items.map(({ item, ...rest }) => ({
    ...rest,
    item: { ...item, terms: canonicalTerms(item.terms) },
  }));
  return { items: read, faults: [] };
}

function faultsOf({ item, lineOf }: ReadItem): readonly Fault[] {
  return findProblems(item.terms).map(({ path, message }) => ({ line: lineOf(path), message }));
}

/** Two prices of one model that begin at the same instant. */
function overlaps(items: readonly ReadItem[]): readonly Fault[] {
  const seen = new Map<string, number>();
  return items.flatMap(({ item, line }) => {
    const key = orderOf(item);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, line);
    if (first === undefined) return [];
    const message = `${item.model} has a price from the same instant on line ${first}.`;
    return [{ line, message }];
  });
}

function orderOf({ model, currency, effectiveFrom }: BookItem): string {
  const atMs = effectiveFrom === null ? 0 : Date.parse(effectiveFrom);
  return [model, currency, String(atMs).padStart(16, '0')].join(' ');
}
