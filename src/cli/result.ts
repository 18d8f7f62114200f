/** What a command found, as a table for people or as JSON for programs. */
import type { List } from '#client/client.ts';
import type { Context } from './command.ts';
import { type Column, renderTable } from './table.ts';
import { oneLine } from './text.ts';

/** Pages fetched at most for one list; past this, programs should page by themselves. */
const PAGES_MAX = 50;
const PAGE_SIZE = 100;

export function printJson({ terminal }: Context, value: unknown): void {
  terminal.out.line(JSON.stringify(value, null, terminal.out.isTerminal ? 2 : 0));
}

export function printList<Row>(
  context: Context,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whenEmpty: string,
): void {
  const { out, notes } = context.terminal;
  if (context.isJson) return printJson(context, { data: rows });
  if (rows.length === 0) return notes.line(notes.style('dim', whenEmpty));
  out.line(renderTable(columns, rows, (text) => out.style('bold', text)));
}

/** One thing, as names and values. */
export function printThing(
  context: Context,
  value: unknown,
  facts: readonly (readonly [string, string])[],
): void {
  const { out } = context.terminal;
  if (context.isJson) return printJson(context, value);
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, text] of facts) {
    out.line(`${out.style('dim', name.padEnd(width))}  ${oneLine(text)}`);
  }
}

/** A word for the person that something is done; programs see the exit code and the JSON. */
export function printDone(context: Context, text: string, value: unknown): void {
  const { notes } = context.terminal;
  if (context.isJson) return printJson(context, value);
  notes.line(`${notes.style('green', '✔')} ${oneLine(text)}`);
}

/** Every page of a list. */
export async function readAll<T>(
  list: (page: { cursor?: string | undefined; limit: number }) => Promise<List<T>>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { data, nextCursor } = await list({ cursor, limit: PAGE_SIZE });
    all.push(...data);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return all;
}
