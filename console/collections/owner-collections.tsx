/** Collections of one owner, for its page. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { LoadMore } from '../ui/load-more.tsx';
import { CollectionGrid } from './collection-grid.tsx';
import { collectionsQuery } from './queries.ts';

export function OwnerCollections({ owner }: Readonly<{ owner: string }>) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(collectionsQuery({ owner }));
  if (query.data === undefined) return null;
  if (query.data.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2.5 text-base font-semibold tracking-tight">{t('nav.collections')}</h2>
      <CollectionGrid collections={query.data} />
      <LoadMore query={query} label={t('action.more')} />
    </section>
  );
}
