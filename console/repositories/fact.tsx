/** Facts side by side: a name and what it is, in groups. */
import type { ReactNode } from 'react';

export type FactGroupProps = Readonly<{ title: string; action?: ReactNode; children: ReactNode }>;

export function FactGroup({ title, action, children }: FactGroupProps) {
  return (
    <section>
      <div className="mb-1.5 flex items-center justify-between gap-3">
        <h2 className="text-xs font-medium text-faint">{title}</h2>
        {action}
      </div>
      <dl className="divide-y rounded-xl border bg-surface px-4 text-sm">{children}</dl>
    </section>
  );
}

export function Fact({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className="flex min-h-10 items-center justify-between gap-4 py-2">
      <dt className="shrink-0 text-muted">{label}</dt>
      <dd className="min-w-0 text-right break-words tabular">{children}</dd>
    </div>
  );
}
