/** The shape of what is coming, while it comes. */
import { classNames } from './class-names.ts';

export function Skeleton({ className }: Readonly<{ className?: string }>) {
  return (
    <span
      aria-hidden="true"
      className={classNames('skeleton block h-4 rounded-sm bg-hover', className)}
    />
  );
}

/** The place of one thing that is loading, and the word for it to screen readers. */
export function Loading({ className }: Readonly<{ className?: string }>) {
  return (
    <div aria-busy="true">
      <Skeleton {...(className === undefined ? {} : { className })} />
    </div>
  );
}

export function SkeletonRows({ rows }: Readonly<{ rows: number }>) {
  return (
    <div aria-busy="true" className="space-y-3 px-5 py-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex items-center gap-4">
          <Skeleton className="w-2/5" />
          <Skeleton className="w-1/5" />
          <Skeleton className="ml-auto w-16" />
        </div>
      ))}
    </div>
  );
}
