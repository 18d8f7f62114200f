/** The table of a page of rows: names and types above, a number before each row. */
import { useTranslation } from 'react-i18next';
import { classNames } from '../ui/class-names.ts';
import { CellValue } from './cell-value.tsx';
import type { OpenCell } from './data-view.tsx';
import type { Column } from './row-source.ts';

export type DataTableProps = Readonly<{
  columns: readonly Column[];
  rows: readonly (readonly unknown[])[];
  /** The number of the first row, from 0 on. */
  first: number;
  onOpen: (cell: OpenCell) => void;
}>;

export function DataTable({ columns, rows, first, onOpen }: DataTableProps) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t('viewer.table')}
      // A region that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="max-h-[44rem] overflow-auto"
    >
      <table className="w-full border-collapse text-xs">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr className="border-b text-left align-top">
            <th scope="col" className="bg-inset px-3 py-2 text-right font-normal text-faint">
              #
            </th>
            {columns.map(({ name, type }) => (
              <th
                key={name}
                scope="col"
                className={classNames(
                  'min-w-24 bg-inset px-3 py-2 font-medium',
                  isNumber(type) && 'text-right',
                )}
              >
                <span className="block break-words">{name}</span>
                <span className="block font-mono text-2xs font-normal text-faint">{type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={first + index} className="border-b align-top last:border-0 hover:bg-inset">
              <td className="px-3 py-2 text-right text-faint tabular">{first + index + 1}</td>
              {columns.map(({ name, type }, column) => {
                const value = row[column];
                return (
                  <td
                    key={name}
                    className={classNames(
                      'max-w-96 px-3 py-2',
                      isNumber(type) && 'text-right tabular',
                    )}
                  >
                    <CellValue
                      value={value}
                      onOpen={() => onOpen({ column: name, row: first + index + 1, value })}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function isNumber(type: string): boolean {
  return type === 'int' || type === 'float' || type === 'decimal';
}
