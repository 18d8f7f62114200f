/** Rows of facts. On a phone the table scrolls sideways inside its own frame, never the page. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type Column = Readonly<{ key: string; label: ReactNode; isNumber?: boolean }>;

export type TableProps = Readonly<{
  label: string;
  columns: readonly Column[];
  children: ReactNode;
}>;

export function Table({ label, columns, children }: TableProps) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="relative overflow-x-auto" aria-label={label} tabIndex={0}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b text-left text-xs text-muted">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={classNames(
                  'h-9 px-3 font-medium whitespace-nowrap first:pl-5 last:pr-5',
                  column.isNumber === true && 'text-right',
                )}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

export function Row({ children, isDim }: Readonly<{ children: ReactNode; isDim?: boolean }>) {
  return (
    <tr
      className={classNames(
        'relative border-b last:border-0 hover:bg-inset',
        isDim === true && 'text-faint',
      )}
    >
      {children}
    </tr>
  );
}

export type CellProps = Readonly<{ children?: ReactNode; isNumber?: boolean; className?: string }>;

export function Cell({ children, isNumber, className }: CellProps) {
  return (
    <td
      className={classNames(
        'h-12 px-3 first:pl-5 last:pr-5',
        isNumber === true && 'text-right whitespace-nowrap tabular',
        className,
      )}
    >
      {children}
    </td>
  );
}
