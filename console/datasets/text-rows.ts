/** Rows of text files: JSON lines, and CSV after RFC 4180. Pure: the first part of a file in, rows out. */
import { COLUMNS_MAX, type Column, type RowSource, Unreadable } from './row-source.ts';

export type TextPart = Readonly<{
  text: string;
  /** Whether the file goes on; its last line is then left out, because it may be half of one. */
  isCut: boolean;
}>;

export function readJsonLines({ text, isCut }: TextPart): RowSource {
  const records = wholeLines(text, isCut)
    .filter((line) => line.trim() !== '')
    .map((line) => recordOf(parsed(line)));
  const names = namesOf(records);
  const columns = names.map((name) => ({ name, type: typeOf(records.map((row) => row[name])) }));
  const rows = records.map((row) => names.map((name) => row[name] ?? null));
  return sourceOf(columns, rows, isCut);
}

function wholeLines(text: string, isCut: boolean): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (!isCut) return lines;
  if (lines.length < 2) throw new Unreadable('noRows');
  return lines.slice(0, -1);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Unreadable('damaged', line.slice(0, 80), cause);
  }
}

/** What is no object is a column of its own. */
function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value }
    : { value };
}

function namesOf(records: readonly object[]): readonly string[] {
  const names = new Set<string>();
  for (const record of records) {
    for (const name of Object.keys(record)) if (names.size < COLUMNS_MAX) names.add(name);
  }
  return [...names];
}

export function readDelimited({ text, isCut }: TextPart, delimiter: ',' | '\t'): RowSource {
  const table = parseDelimited(text.replace(/^\uFEFF/, ''), delimiter);
  const [head, ...body] = isCut ? table.slice(0, -1) : table;
  if (head === undefined) throw new Unreadable('noRows');
  const names = head.slice(0, COLUMNS_MAX);
  const rows = body.map((row) => names.map((_, index) => valueOf(row[index])));
  const columns = names.map((name, index) => ({
    name: name === '' ? `${index + 1}` : name,
    type: typeOf(rows.map((row) => row[index])),
  }));
  return sourceOf(columns, rows, isCut);
}

/** One pass over the letters; a quote that never ends takes the rest as text. */
export function parseDelimited(text: string, delimiter: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let [row, cell, isQuoted] = [new Array<string>(), '', false];
  const endCell = (): void => {
    row.push(cell);
    cell = '';
  };
  const endRow = (): void => {
    endCell();
    // An empty line is no row.
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell === '') isQuoted = true;
    else if (letter === delimiter) endCell();
    else if (letter === '\n') endRow();
    else if (letter !== '\r' || text[at + 1] !== '\n') cell += letter;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}

const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i;

/** A number where it reads as one and loses nothing by it: `007` and long ids stay text. */
function valueOf(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  return NUMBER.test(text) ? Number(text) : text;
}

function typeOf(values: readonly unknown[]): string {
  const types = new Set(
    values.filter((value) => value !== null && value !== undefined).map(nameOfType),
  );
  if (types.size === 0) return 'null';
  if (types.size === 1) return [...types].join('');
  if ([...types].every((type) => type === 'int' || type === 'float')) return 'float';
  return 'mixed';
}

function nameOfType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : 'struct';
}

function sourceOf(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  isCut: boolean,
): RowSource {
  return {
    columns,
    rowCount: rows.length,
    isCut,
    readRows: async (start, end) => rows.slice(start, end),
  };
}
