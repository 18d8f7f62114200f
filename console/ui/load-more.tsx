/** The end of a list that goes on. */
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';

export type LoadMoreProps = Readonly<{
  /** What a query of pages says of itself. */
  query: Readonly<{
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => Promise<unknown>;
  }>;
  label: string;
  className?: string;
}>;

export function LoadMore({ query, label, className }: LoadMoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className={classNames('p-3 text-center', className)}>
      <Button
        size="sm"
        isBusy={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {label}
      </Button>
    </div>
  );
}
