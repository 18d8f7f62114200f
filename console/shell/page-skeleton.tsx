/** What a page looks like while its code and its first answer are under way. */
import { Skeleton } from '../ui/skeleton.tsx';

export function PageSkeleton() {
  return (
    <div aria-busy="true" className="mx-auto w-full max-w-[78rem] px-4 pt-8 sm:px-8">
      <Skeleton className="h-6 w-44" />
      <Skeleton className="mt-3 w-72 max-w-full" />
      <div className="mt-8 grid gap-4 md:grid-cols-3">
        {[0, 1, 2].map((card) => (
          <Skeleton key={card} className="h-32 rounded-xl" />
        ))}
      </div>
      <Skeleton className="mt-4 h-64 rounded-xl" />
    </div>
  );
}
