/** The few numbers a page is about, side by side, each with its name above and what it means beneath. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type FiguresProps = Readonly<{ children: ReactNode; columns?: 3 | 4 }>;

export function Figures({ children, columns = 4 }: FiguresProps) {
  return (
    <dl
      className={classNames(
        'grid gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-2',
        columns === 4 ? 'lg:grid-cols-4' : 'lg:grid-cols-3',
      )}
    >
      {children}
    </dl>
  );
}

export type FigureProps = Readonly<{
  label: ReactNode;
  value: ReactNode;
  children?: ReactNode;
  /** Draws the eye: money that ends soon, a loss. */
  tone?: 'warn' | 'bad';
}>;

export function Figure({ label, value, children, tone }: FigureProps) {
  return (
    <div className="min-w-0 bg-surface px-5 py-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="mt-0.5">
        <span
          className={classNames(
            'block text-lg leading-7 font-semibold tracking-tight break-words tabular',
            tone === 'warn' && 'text-warn',
            tone === 'bad' && 'text-bad',
          )}
        >
          {value}
        </span>
        {children !== undefined && (
          <span className="block text-xs text-muted tabular">{children}</span>
        )}
      </dd>
    </div>
  );
}
