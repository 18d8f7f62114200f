/**
 * A price book as CSV: one row for each tier of a rate, and one for each class of service or region that a version
 * has terms of its own for. Rows with the same model, currency and start are one price. Pure.
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { currencySchema, priceRateSchema, priceTermsSchema } from './api.ts';
import type { PriceRate } from './api.ts';
import type { BookItem, Fault, ReadBook, ReadItem } from './book.ts';
import { rateName } from './check.ts';

const COLUMNS = [
  'model',
  'currency',
  'effective_from',
  'kind',
  'unit',
  'direction',
  'service_tier',
  'region',
  'resolution',
  'thinking',
  'cache_kind',
  'cache_ttl',
  'mode',
  'per',
  'up_to',
  'amount',
  'times',
  'without',
] as const;
type ColumnName = (typeof COLUMNS)[number];
type Row = Readonly<Partial<Record<ColumnName, string>>>;

export function writeBookCsv(items: readonly BookItem[]): string {
  return stringify(items.flatMap(rowsOf), { header: true, columns: [...COLUMNS] });
}

function rowsOf({ model, currency, effectiveFrom, terms }: BookItem): readonly Row[] {
  const of = { model, currency, effective_from: effectiveFrom ?? '' };
  return [
    ...terms.rates.flatMap((rate) =>
      rate.tiers.map(({ upTo, amount }) => ({
        ...of,
        kind: 'rate',
        unit: rate.unit,
        direction: rate.direction,
        service_tier: rate.serviceTier ?? '',
        resolution: rate.resolution ?? '',
        thinking: rate.isThinking === undefined ? '' : rate.isThinking ? 'yes' : 'no',
        cache_kind: rate.cacheKind ?? '',
        cache_ttl: rate.cacheTtl ?? '',
        mode: rate.mode,
        per: String(rate.per),
        up_to: upTo === null ? '' : String(upTo),
        amount,
      })),
    ),
    ...(['flex', 'priority', 'batch'] as const).flatMap((name) => {
      const tier = terms.serviceTiers[name];
      if (tier === undefined) return [];
      const { times, without } = tier;
      return [
        { ...of, kind: 'service_tier', service_tier: name, times, without: without.join(' ') },
      ];
    }),
    ...Object.entries(terms.regions).map(([region, times]) => {
      return { ...of, kind: 'region', region, times };
    }),
  ];
}

/** A row of the file and the line that it stands on. */
type Line = Readonly<{ line: number; row: Row }>;

export function readBookCsv(text: string): ReadBook {
  const { records, faults } = readRecords(text);
  const groups = Map.groupBy(records, ({ row }) =>
    [row.model, row.currency, startOf(row)].join(' '),
  );
  const found: Fault[] = [...faults];
  const items = [...groups.values()].flatMap((group) => {
    const { item, faults: inGroup } = readItem(group);
    found.push(...inGroup);
    return item === null ? [] : [item];
  });
  return { items, faults: found };
}

const lineSchema = z.object({
  record: z.record(z.string(), z.string()),
  info: z.object({ lines: z.number() }),
});

function readRecords(
  text: string,
): Readonly<{ records: readonly Line[]; faults: readonly Fault[] }> {
  let parsed: unknown[];
  const headerFaults: Fault[] = [];
  try {
    parsed = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      columns: (header: string[]) => {
        const names: readonly string[] = COLUMNS;
        for (const name of header) {
          if (names.includes(name)) continue;
          headerFaults.push({ line: 1, message: `There is no column ${JSON.stringify(name)}.` });
        }
        return header;
      },
    });
  } catch (error) {
    const line = z.object({ lines: z.number() }).safeParse(error).data?.lines ?? 1;
    const message = error instanceof Error ? error.message : 'This is no CSV.';
    return { records: [], faults: [{ line, message }] };
  }
  if (headerFaults.length > 0) return { records: [], faults: headerFaults };
  const records = parsed.map((each) => {
    const { record, info } = lineSchema.parse(each);
    return { row: record, line: info.lines };
  });
  return { records, faults: [] };
}

/** The same instant written in two ways is one start. */
function startOf({ effective_from: text = '' }: Row): string {
  const atMs = Date.parse(text);
  return text === '' || Number.isNaN(atMs) ? text : new Date(atMs).toISOString();
}

const KINDS = ['rate', 'service_tier', 'region'] as const;

/** What the rows of one price say, while they are read. */
type Gathered = {
  readonly rates: Map<string, { rate: PriceRate; lines: number[] }>;
  readonly serviceTiers: { [name: string]: unknown };
  readonly regions: { [name: string]: string };
  /** The lines of classes and regions, by `regions.east`. */
  readonly places: Map<string, number>;
};

function readItem(
  group: readonly Line[],
): Readonly<{ item: ReadItem | null; faults: readonly Fault[] }> {
  const [first] = group;
  if (first === undefined) return { item: null, faults: [] };
  const faults: Fault[] = [];
  const blame = (line: number, message: string): void => void faults.push({ line, message });
  const gathered: Gathered = { rates: new Map(), serviceTiers: {}, regions: {}, places: new Map() };
  for (const line of group) gather(gathered, line, blame);
  const { rates, serviceTiers, regions, places } = gathered;
  const list = [...rates.values()];
  const lineOf = (path: readonly (string | number)[]): number => {
    const [part, at, , tier] = path;
    if (part !== 'rates') return places.get([part, at].join('.')) ?? first.line;
    const lines = list[Number(at)]?.lines ?? [];
    return lines[Number(tier ?? 0)] ?? lines[0] ?? first.line;
  };
  const head = readHead(first, blame);
  const terms = priceTermsSchema.safeParse({
    rates: list.map(({ rate }) => rate),
    serviceTiers,
    regions,
  });
  // Where its rows are faulty already, that its rates are missing says nothing new.
  if (!terms.success && (list.length > 0 || faults.length === 0)) {
    for (const { path, message } of terms.error.issues) {
      const place = path.filter((part) => typeof part !== 'symbol');
      blame(lineOf(place), `${place.join('.')}: ${message}`);
    }
  }
  if (head === null || !terms.success || faults.length > 0) return { item: null, faults };
  return { item: { item: { ...head, terms: terms.data }, line: first.line, lineOf }, faults };
}

function gather(into: Gathered, { row, line }: Line, blame: Blame): void {
  const kind = KINDS.find((each) => each === row.kind);
  if (kind === undefined) {
    blame(line, `kind is one of ${KINDS.join(', ')}; it is ${JSON.stringify(row.kind ?? '')}.`);
    return;
  }
  if (kind === 'rate') {
    const rate = readRate(row, line, blame);
    if (rate !== null) addTier(into.rates, rate, line, blame);
    return;
  }
  const isRegion = kind === 'region';
  const name = (isRegion ? row.region : row.service_tier) ?? '';
  if (name in (isRegion ? into.regions : into.serviceTiers)) {
    blame(line, `${kind} ${name} stands here twice.`);
  }
  into.places.set([isRegion ? 'regions' : 'serviceTiers', name].join('.'), line);
  if (isRegion) into.regions[name] = row.times ?? '';
  else into.serviceTiers[name] = { times: row.times, without: words(row.without) };
}

type Blame = (line: number, message: string) => void;

function readHead(
  { row, line }: Line,
  blame: Blame,
): Pick<BookItem, 'model' | 'currency' | 'effectiveFrom'> | null {
  const model = row.model ?? '';
  const currency = currencySchema.safeParse(row.currency === '' ? undefined : row.currency);
  const start = startOf(row);
  const isInstant = start === '' || !Number.isNaN(Date.parse(start));
  if (model === '') blame(line, 'The model is missing.');
  if (!currency.success) blame(line, `The currency ${JSON.stringify(row.currency)} is unknown.`);
  if (!isInstant) blame(line, `${JSON.stringify(start)} is no time; write 2030-12-31T08:00:00Z.`);
  if (model === '' || !currency.success || !isInstant) return null;
  return { model, currency: currency.data, effectiveFrom: start === '' ? null : start };
}

/** One tier of a rate; null where it cannot be read. */
function readRate(row: Row, line: number, blame: Blame): PriceRate | null {
  const said = (text: string | undefined) => (text === '' ? undefined : text);
  const thinking = said(row.thinking);
  if (thinking !== undefined && thinking !== 'yes' && thinking !== 'no') {
    blame(line, `thinking is yes, no or empty; it is ${JSON.stringify(thinking)}.`);
    return null;
  }
  const parsed = priceRateSchema.safeParse({
    unit: row.unit,
    direction: row.direction,
    ...(said(row.service_tier) === undefined ? {} : { serviceTier: row.service_tier }),
    ...(said(row.resolution) === undefined ? {} : { resolution: row.resolution }),
    ...(thinking === undefined ? {} : { isThinking: thinking === 'yes' }),
    ...(said(row.cache_kind) === undefined ? {} : { cacheKind: row.cache_kind }),
    ...(said(row.cache_ttl) === undefined ? {} : { cacheTtl: row.cache_ttl }),
    ...(said(row.mode) === undefined ? {} : { mode: row.mode }),
    per: wholeOf(row.per),
    tiers: [
      { upTo: said(row.up_to) === undefined ? null : wholeOf(row.up_to), amount: row.amount },
    ],
  });
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    const column = columnOf(path);
    const isWhole = column === 'per' || column === 'up_to';
    const text = JSON.stringify(row[column] ?? '');
    blame(line, isWhole ? `${column} is a whole number; it is ${text}.` : `${column}: ${message}`);
  }
  return null;
}

function addTier(
  rates: Map<string, { rate: PriceRate; lines: number[] }>,
  next: PriceRate,
  line: number,
  blame: Blame,
): void {
  const name = rateName(next);
  const known = rates.get(name);
  if (known === undefined) {
    rates.set(name, { rate: next, lines: [line] });
    return;
  }
  const { rate, lines } = known;
  if (rate.mode !== next.mode || rate.per !== next.per) {
    blame(line, `${name} has other tiers with the mode ${rate.mode} per ${rate.per}.`);
    return;
  }
  rate.tiers.push(...next.tiers);
  lines.push(line);
}

/** Not a number for anything but digits, so that `1e3` and `0x10` are refused. */
function wholeOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

const words = (text = ''): string[] => text.split(/\s+/).filter((word) => word !== '');

const COLUMN_OF: Readonly<{ [field: string]: ColumnName }> = {
  serviceTier: 'service_tier',
  isThinking: 'thinking',
  cacheKind: 'cache_kind',
  cacheTtl: 'cache_ttl',
  upTo: 'up_to',
};

function columnOf(path: readonly PropertyKey[]): ColumnName {
  const field = String(path.at(-1) ?? '');
  return COLUMN_OF[field] ?? COLUMNS.find((column) => column === field) ?? 'kind';
}
