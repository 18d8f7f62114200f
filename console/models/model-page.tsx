/** One model: its card, its files, where it came from and what came of it. */
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ModelDetail } from '../cloud.ts';
import { Markdown } from '../markdown/markdown.tsx';
import type { ModelTab } from '../search.ts';
import { ApiError } from '#client/api-error.ts';
import { Failure } from '../shell/failure.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { PageSkeleton } from '../shell/page-skeleton.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ChevronRightIcon, FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { FetchCard } from './fetch-card.tsx';
import { FileTable, RevisionList } from './model-files.tsx';
import { ModelFacts } from './model-facts.tsx';
import { ModelLineage } from './model-lineage.tsx';
import { ModelActions } from './model-actions.tsx';
import { modelQuery } from './queries.ts';

const route = getRouteApi('/signed-in/models/$owner/$name');

export function ModelPage() {
  const { owner, name } = route.useParams();
  const { data, error, refetch } = useQuery(modelQuery(`${owner}/${name}`));
  if (data === undefined && error === null) return <PageSkeleton />;
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <div className="page-enter mx-auto w-full max-w-[78rem] px-4 pt-6 pb-16 sm:px-8">
      {data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <ModelBody model={data} />
      )}
    </div>
  );
}

function ModelBody({ model }: Readonly<{ model: ModelDetail }>) {
  return (
    <>
      <title>{`${model.name} · Flywheel`}</title>
      <ModelHead model={model} />
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="min-w-0 lg:order-1">
          <ModelTabs model={model} />
        </div>
        <aside className="lg:order-2">
          <ModelFacts model={model} />
        </aside>
      </div>
    </>
  );
}

function ModelHead({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const [owner = '', name = ''] = model.name.split('/');
  return (
    <header className="mb-6 flex flex-wrap items-end gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <nav aria-label={t('nav.breadcrumb')} className="flex items-center gap-1 text-sm text-muted">
          <Link to="/models" className="hover:text-ink">
            {t('nav.models')}
          </Link>
          <ChevronRightIcon className="size-3.5 text-faint" />
          <span>{owner}</span>
        </nav>
        <div className="mt-1 flex items-center gap-1.5">
          <h1 className="min-w-0 text-xl leading-7 font-semibold tracking-tight break-words">{name}</h1>
          <CopyButton text={model.name} label={t('models.copyName')} doneLabel={t('action.copied')} />
        </div>
      </div>
      <ModelActions model={model} />
    </header>
  );
}

function ModelTabs({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const { tab = 'card' } = route.useSearch();
  const navigate = useNavigate({ from: '/models/$owner/$name' });
  const latest = model.revisions.find(({ id }) => id === model.latestRevisionId);
  return (
    <Tabs<ModelTab>
      value={tab}
      onChange={(next) => void navigate({ search: next === 'card' ? {} : { tab: next }, replace: true })}
      tabs={[
        { value: 'card', label: t('model.card'), content: <Card card={model.card} /> },
        {
          value: 'files',
          label: t('model.files'),
          content: (
            <>
              <FetchCard model={model} files={latest?.files ?? []} />
              <FileTable model={model.name} files={latest?.files ?? []} />
            </>
          ),
        },
        {
          value: 'revisions',
          label: t('model.revisions'),
          content: <RevisionList model={model} />,
        },
        { value: 'lineage', label: t('model.lineage'), content: <ModelLineage model={model} /> },
      ]}
    />
  );
}

function Card({ card }: Readonly<{ card: string }>) {
  const { t } = useTranslation();
  if (card.trim() !== '') return <Markdown text={card} />;
  return (
    <div className="rounded-xl border bg-surface">
      <Empty icon={FileIcon} title={t('model.noCard')}>
        {t('model.noCardText')}
      </Empty>
    </div>
  );
}
