/** The surface that holds one idea: a quiet border, no shadow, an optional head with actions. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type CardProps = Readonly<{
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Leaves out the padding, for tables and charts that touch the edges. */
  isFlush?: boolean;
  className?: string;
  children: ReactNode;
}>;

export function Card({ title, description, actions, isFlush, className, children }: CardProps) {
  return (
    <section className={classNames('min-w-0 rounded-xl border bg-surface', className)}>
      {title !== undefined && (
        <header className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-3">
          {/* Beside actions it keeps room for words; what is left no longer stands beside it. */}
          <div className="min-w-0 flex-1 basis-40">
            <h2 className="text-base font-semibold tracking-tight">{title}</h2>
            {description !== undefined && <p className="text-sm text-muted">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      <div
        className={classNames(
          isFlush !== true && 'px-5 pb-5',
          title === undefined && isFlush !== true && 'pt-5',
        )}
      >
        {children}
      </div>
    </section>
  );
}
