/** Whose models and datasets these are: everything of one owner that the member may see. */
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RepositoryEntry } from '#client/hub-repositories.ts';
import type { RepositoryKind } from '../cloud.ts';
import { OwnerCollections } from '../collections/owner-collections.tsx';
import { useFormat } from '../format/format.ts';
import { PAGES, paramsOf } from '../repositories/address.ts';
import { NewRepositoryButton } from '../repositories/new-repository.tsx';
import { namespacesQuery } from '../repositories/queries.ts';
import { KIND_LABELS, VISIBILITY_LABELS } from '../repositories/words.ts';
import { OwnStorage } from '../storage/own-storage.tsx';
import { Failure } from '../shell/failure.tsx';
import { Initial } from '../ui/initial.tsx';
import { AppIcon, DownloadIcon, ModelIcon, PeopleIcon, RowsIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { OwnerMembers } from './owner-members.tsx';
import { ownerQuery } from './queries.ts';

const route = getRouteApi('/signed-in/owners/$owner');

const KINDS = ['model', 'dataset', 'space'] as const;
const ICONS = { model: ModelIcon, dataset: RowsIcon, space: AppIcon } as const;

export function OwnerPage() {
  const { owner } = route.useParams();
  const { data: namespaces } = useQuery(namespacesQuery);
  const isOwn = namespaces?.includes(owner) === true;
  return (
    <div className="page-enter mx-auto w-full max-w-[78rem] px-4 pt-6 pb-16 sm:px-8">
      <title>{`${owner} · Flywheel`}</title>
      <OwnerHead owner={owner} isOwn={isOwn} />
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="min-w-0 space-y-8">
          <Published owner={owner} />
          <OwnerCollections owner={owner} />
        </div>
        {isOwn && (
          <aside className="min-w-0 space-y-8">
            <OwnStorage />
            <OwnerMembers />
          </aside>
        )}
      </div>
    </div>
  );
}

function OwnerHead({ owner, isOwn }: Readonly<{ owner: string; isOwn: boolean }>) {
  const { t } = useTranslation();
  const counts = [
    ['model', useCount('model', owner)],
    ['dataset', useCount('dataset', owner)],
    ['space', useCount('space', owner)],
  ] as const;
  return (
    <header className="mb-7 flex flex-wrap items-center gap-x-4 gap-y-3">
      <Initial name={owner} className="size-14 rounded-xl text-xl" />
      <div className="min-w-0 flex-1 basis-60">
        <h1 className="text-xl leading-7 font-semibold tracking-tight break-words">{owner}</h1>
        <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular">
          {isOwn && <span>{t('owner.yours')}</span>}
          {counts.map(
            ([kind, count]) =>
              count !== null &&
              count > 0 && <span key={kind}>{`${t(KIND_LABELS[kind])} ${count}`}</span>,
          )}
        </p>
      </div>
      {isOwn && <NewRepositoryButton variant="primary" />}
    </header>
  );
}

function useCount(kind: RepositoryKind, owner: string): number | null {
  return useQuery(ownerQuery(kind, owner)).data?.length ?? null;
}

function Published({ owner }: Readonly<{ owner: string }>) {
  const { t } = useTranslation();
  const models = useQuery(ownerQuery('model', owner));
  const datasets = useQuery(ownerQuery('dataset', owner));
  const spaces = useQuery(ownerQuery('space', owner));
  const all = { model: models, dataset: datasets, space: spaces };
  const error = models.error ?? datasets.error ?? spaces.error;
  if (error !== null) return <Failure error={error} onRetry={() => void models.refetch()} />;
  const isLoaded = KINDS.every((kind) => all[kind].data !== undefined);
  if (!isLoaded) return <Loading className="h-64 rounded-xl" />;
  if (KINDS.every((kind) => all[kind].data?.length === 0)) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={PeopleIcon} title={t('owner.nothing')}>
          {t('owner.nothingText')}
        </Empty>
      </div>
    );
  }
  return (
    <div className="min-w-0 space-y-8">
      {KINDS.map((kind) => (
        <KindList key={kind} kind={kind} entries={all[kind].data ?? []} />
      ))}
    </div>
  );
}

type KindListProps = Readonly<{ kind: RepositoryKind; entries: readonly RepositoryEntry[] }>;

function KindList({ kind, entries }: KindListProps) {
  const { t } = useTranslation();
  if (entries.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2.5 flex items-baseline gap-2 text-base font-semibold tracking-tight">
        {t(KIND_LABELS[kind])}
        <span className="text-xs font-normal text-muted tabular">{entries.length}</span>
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2">
        {entries.map((entry) => (
          <EntryCard key={entry.id} kind={kind} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function EntryCard({ kind, entry }: Readonly<{ kind: RepositoryKind; entry: RepositoryEntry }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const KindIcon = ICONS[kind];
  const { name } = paramsOf(entry.id);
  return (
    <li className="relative rounded-xl border bg-surface px-4.5 py-3.5 transition-colors hover:border-line-strong">
      <h3 className="flex items-center gap-2 text-sm font-semibold">
        <KindIcon className="text-faint" />
        <Link
          to={PAGES[kind]}
          params={paramsOf(entry.id)}
          search={{}}
          className="min-w-0 break-words after:absolute after:inset-0 after:rounded-xl"
        >
          {name}
        </Link>
      </h3>
      <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted tabular">
        <time dateTime={entry.lastModified} title={format.time(entry.lastModified)}>
          {format.ago(entry.lastModified)}
        </time>
        {entry.downloads !== undefined && (
          <span className="flex items-center gap-1">
            <DownloadIcon className="size-3.5" />
            {format.compact(entry.downloads)}
          </span>
        )}
        {entry.pipeline_tag !== undefined && <Tag>{entry.pipeline_tag}</Tag>}
        {entry.visibility !== 'public' && <Tag>{t(VISIBILITY_LABELS[entry.visibility])}</Tag>}
      </p>
    </li>
  );
}
