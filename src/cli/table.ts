/** Rows in aligned columns, for people. Pure. */
import { displayWidth, oneLine } from './text.ts';

export type Column<Row> = Readonly<{
  title: string;
  align?: 'left' | 'right';
  value: (row: Row) => string;
}>;

const GAP = '  ';

export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  emphasize: (text: string) => string,
): string {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, index) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [emphasize(line(titles)), ...cells.map(line)].join('\n');
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return align === 'right' ? spaces + cell : cell + spaces;
}
