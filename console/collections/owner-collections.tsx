/** Collections of one owner, for its page. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StackIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { CollectionGrid } from './collection-grid.tsx';
import { collectionsQuery } from './queries.ts';

export function OwnerCollections({ owner }: Readonly<{ owner: string }>) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(collectionsQuery({ owner }));
  if (query.data === undefined) return null;
  if (query.data.length === 0) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={StackIcon} title={t('collections.none')} />
      </div>
    );
  }
  return (
    <>
      <CollectionGrid collections={query.data} />
      <LoadMore query={query} label={t('action.more')} />
    </>
  );
}
