/** The head of a page and the width of its body. */
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type PageProps = Readonly<{
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}>;

export function Page({ title, description, actions, children, className }: PageProps) {
  return (
    <div
      className={classNames(
        'page-enter mx-auto w-full max-w-[78rem] px-4 pt-6 pb-16 sm:px-8 sm:pt-8',
        className,
      )}
    >
      <title>{`${title} · Flywheel`}</title>
      <header className="mb-6 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="text-xl leading-7 font-semibold tracking-tight">{title}</h1>
          {description !== undefined && (
            <p className="mt-0.5 max-w-[44rem] text-base text-muted">{description}</p>
          )}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
