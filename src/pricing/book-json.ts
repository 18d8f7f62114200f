/** A price book as JSON: `{ "format": "flywheel-prices-1", "prices": [{ model, currency, effectiveFrom, terms }] }`. Pure. */
import { z } from 'zod';
import { ITEMS_MAX, priceDraftItemSchema } from './api.ts';
import type { BookItem, ReadBook } from './book.ts';
import { faultLine, linesOf } from './json-lines.ts';

const FORMAT = 'flywheel-prices-1';

const bookSchema = z.strictObject({
  format: z.literal(FORMAT),
  prices: z.array(priceDraftItemSchema).max(ITEMS_MAX),
});

export function writeBookJson(items: readonly BookItem[]): string {
  return `${JSON.stringify({ format: FORMAT, prices: items }, null, 2)}\n`;
}

export function readBookJson(text: string): ReadBook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message does not always say where.
    const faults = [{ line: faultLine(text), message: 'From here on this is no JSON.' }];
    return { items: [], faults };
  }
  const lineOf = linesOf(text);
  const parsed = bookSchema.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const place = path.filter((part) => typeof part !== 'symbol');
      return { line: lineOf(place), message: `${place.join('.') || 'file'}: ${message}` };
    });
    return { items: [], faults };
  }
  const items = parsed.data.prices.map((item, index) => ({
    item,
    line: lineOf(['prices', index]),
    lineOf: (path: readonly (string | number)[]) => lineOf(['prices', index, 'terms', ...path]),
  }));
  return { items, faults: [] };
}
