/** What was found, as cards, and what stands there when it is nothing. */
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { deploymentsQuery } from '../deployments/queries.ts';
import type { ModelsSearch } from '../search.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { ModelIcon, SearchIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { allChosen, queryOf } from './filters.ts';
import { ModelCard } from './model-card.tsx';
import { foundQuery } from './queries.ts';

export type ModelGridProps = Readonly<{ search: ModelsSearch; actions: ReactNode }>;

const GRID = 'grid gap-3 sm:grid-cols-2 2xl:grid-cols-3';

export function ModelGrid({ search, actions }: ModelGridProps) {
  const { t } = useTranslation();
  const found = useInfiniteQuery(foundQuery(queryOf(search)));
  const { data, error, refetch, isPlaceholderData } = found;
  const { data: deployments } = useInfiniteQuery(deploymentsQuery);
  if (data === undefined) {
    return error === null ? (
      <GridSkeleton />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.length === 0) return <NothingFound search={search} actions={actions} />;
  return (
    <div
      aria-busy={isPlaceholderData}
      className={classNames('transition-opacity', isPlaceholderData && 'opacity-60')}
    >
      <ul className={GRID}>
        {data.map((model) => (
          <ModelCard
            key={model.id}
            model={model}
            deployments={(deployments ?? []).filter(({ modelId }) => modelId === model.id)}
          />
        ))}
      </ul>
      <LoadMore query={found} label={t('action.more')} />
    </div>
  );
}

const EMPTY_TITLES = {
  model: 'models.empty',
  dataset: 'models.emptyDataset',
  space: 'models.emptySpace',
} as const;

function NothingFound({ search, actions }: ModelGridProps) {
  const { t } = useTranslation();
  const { q, kind = 'model' } = search;
  const isFiltered = allChosen(search).length > 0;
  if (q !== undefined || isFiltered) {
    const title = q === undefined ? t('models.noneMatch') : t('models.noneFound', { query: q });
    return (
      <Card isFlush>
        <Empty icon={SearchIcon} title={title}>
          {t('models.noneFoundText')}
        </Empty>
      </Card>
    );
  }
  return (
    <Card isFlush>
      <Empty icon={ModelIcon} title={t(EMPTY_TITLES[kind])} action={actions}>
        {kind === 'model' ? t('models.emptyText') : t('models.emptyKindText')}
      </Empty>
    </Card>
  );
}

function GridSkeleton() {
  return (
    <div aria-busy="true" className={GRID}>
      {[0, 1, 2, 3].map((card) => (
        <Skeleton key={card} className="h-44 rounded-xl" />
      ))}
    </div>
  );
}
