/** Every collection that one may see, the last changed first; one's own alone where that is wished. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { PlusIcon, StackIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CollectionForm } from './collection-form.tsx';
import { CollectionGrid } from './collection-grid.tsx';
import { collectionsQuery } from './queries.ts';

type Whose = 'all' | 'own';

export function CollectionsPage() {
  const { t } = useTranslation();
  const mayWrite = maySee(useMe().role, 'building');
  const [whose, setWhose] = useState<Whose>('all');
  const [isCreating, setIsCreating] = useState(false);
  const query = useInfiniteQuery(collectionsQuery());
  const { data, error, refetch } = query;
  const shown = data?.filter(({ isYours }) => whose === 'all' || isYours);
  const add = mayWrite && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      <PlusIcon />
      {t('collections.create')}
    </Button>
  );
  return (
    <Page title={t('nav.collections')} description={t('collections.text')} actions={add}>
      <div className="mb-4">
        <Segmented<Whose>
          label={t('collections.whose')}
          value={whose}
          onChange={setWhose}
          choices={[
            { value: 'all', label: t('collections.all') },
            { value: 'own', label: t('collections.own') },
          ]}
        />
      </div>
      {shown === undefined && error === null && <SkeletonRows rows={4} />}
      {shown === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {shown?.length === 0 && (
        <div className="rounded-xl border bg-surface">
          <Empty icon={StackIcon} title={t('collections.none')}>
            {t('collections.noneText')}
          </Empty>
        </div>
      )}
      {shown !== undefined && shown.length > 0 && <CollectionGrid collections={shown} />}
      <LoadMore query={query} label={t('action.more')} />
      {isCreating && <CollectionForm collection={null} onClose={() => setIsCreating(false)} />}
    </Page>
  );
}
