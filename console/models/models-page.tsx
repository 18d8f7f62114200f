/** The hub: every model of this cloud that the member may see. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../cloud.ts';
import { deploymentsQuery } from '../deployments/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { DownloadIcon, ModelIcon, SearchIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { ImportList } from './import-list.tsx';
import { ModelCard } from './model-card.tsx';
import { modelsQuery } from './queries.ts';

const route = getRouteApi('/signed-in/models');

export function ModelsPage() {
  const { t } = useTranslation();
  const { q = '', import: isImporting } = route.useSearch();
  const navigate = useNavigate({ from: '/models' });
  const isBuilder = maySee(useMe().role, 'building');
  const add = isBuilder && (
    <Button variant="primary" onClick={() => void navigate({ search: { import: true } })}>
      <DownloadIcon />
      {t('models.import')}
    </Button>
  );
  return (
    <Page title={t('nav.models')} description={t('models.text')} actions={add}>
      <ImportList />
      <label className="relative mb-4 block max-w-md">
        <span className="sr-only">{t('models.search')}</span>
        <SearchIcon className="absolute top-2.5 left-3 text-faint" />
        <input
          type="search"
          value={q}
          placeholder={t('models.search')}
          onChange={(event) =>
            void navigate({
              search: event.target.value === '' ? {} : { q: event.target.value },
              replace: true,
            })
          }
          className={classNames(INPUT_CLASS, 'h-9 pl-9')}
        />
      </label>
      <ModelGrid query={q} action={add} />
      {isImporting === true && <ImportDialog onClose={() => void navigate({ search: {} })} />}
    </Page>
  );
}

type ModelGridProps = Readonly<{ query: string; action: ReactNode }>;

function ModelGrid({ query, action }: ModelGridProps) {
  const { t } = useTranslation();
  const models = useInfiniteQuery(modelsQuery);
  const { data, error, refetch } = models;
  const { data: deployments } = useInfiniteQuery(deploymentsQuery);
  if (data === undefined) {
    return error === null ? <GridSkeleton /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  const found = data.filter((model) => matches(model, query));
  if (found.length === 0 && !models.hasNextPage) {
    const isSearching = query !== '';
    return (
      <Card isFlush>
        <Empty
          icon={isSearching ? SearchIcon : ModelIcon}
          title={isSearching ? t('models.noneFound', { query }) : t('models.empty')}
          action={isSearching ? undefined : action}
        >
          {isSearching ? t('models.noneFoundText') : t('models.emptyText')}
        </Empty>
      </Card>
    );
  }
  return (
    <>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {found.map((model) => (
          <ModelCard
            key={model.id}
            model={model}
            deployments={(deployments ?? []).filter(({ modelId }) => modelId === model.id)}
          />
        ))}
      </ul>
      <LoadMore query={models} label={t('action.more')} />
    </>
  );
}

function GridSkeleton() {
  return (
    <div aria-busy="true" className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} className="h-40 rounded-xl" />
      ))}
    </div>
  );
}

function matches(model: Model, query: string): boolean {
  const text = [model.name, model.summary, ...model.tags].join(' ').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
