/** One repository: what it is, its card, its files and their past, what is said about it, and its settings. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError } from '#client/api-error.ts';
import type { RepositoryDetail, RepositoryKind } from '../cloud.ts';
import type { RepositorySearch } from '../search.ts';
import { Failure } from '../shell/failure.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { PageSkeleton } from '../shell/page-skeleton.tsx';
import { addressOf } from './address.ts';
import { repositoryQuery } from './queries.ts';
import { RepositoryHead } from './repository-head.tsx';
import { RepositoryTabs } from './repository-tabs.tsx';

export type RepositoryPageProps = Readonly<{
  kind: RepositoryKind;
  name: string;
  search: RepositorySearch;
  onSearch: (search: RepositorySearch) => void;
}>;

export function RepositoryPage({ kind, name, search, onSearch }: RepositoryPageProps) {
  const { data, error, refetch } = useQuery(repositoryQuery({ kind, name }));
  useFormerName(data, name);
  if (data === undefined && error === null) return <PageSkeleton />;
  if (error instanceof ApiError && [400, 404].includes(error.status)) return <NotFound />;
  return (
    <div className="page-enter mx-auto w-full max-w-[78rem] px-4 pt-6 pb-16 sm:px-8">
      {data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Shown repository={data} search={search} onSearch={onSearch} />
      )}
    </div>
  );
}

export type ShownProps = Pick<RepositoryPageProps, 'search' | 'onSearch'> &
  Readonly<{ repository: RepositoryDetail }>;

function Shown(props: ShownProps) {
  const { repository } = props;
  return (
    <>
      <title>{`${repository.name} · Flywheel`}</title>
      <RepositoryHead repository={repository} />
      {/* Nothing of another repository stays: drafts, choices, uploads. */}
      <RepositoryTabs
        key={`${repository.kind}/${repository.name}`}
        {...props}
        at={addressOf(repository)}
      />
    </>
  );
}

/** A repository that was renamed answers to its old name; the address bar should say the new one. */
function useFormerName(repository: RepositoryDetail | undefined, name: string): void {
  useEffect(() => {
    if (repository === undefined || repository.name === name) return;
    const { pathname, search } = window.location;
    window.history.replaceState(null, '', pathname.replace(name, repository.name) + search);
  }, [repository, name]);
}
