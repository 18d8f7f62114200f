/** One commit: who made it, when, and the files it changed. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RepositoryCommit } from '#client/hub-repositories.ts';
import { cloud } from '../cloud.ts';
import { CommitDiff } from '../discussions/commit-diff.tsx';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ChevronRightIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { PAGES, type RepositoryAddress, paramsOf, shortCommit } from './address.ts';
import type { SectionProps } from './repository-tabs.tsx';

export function CommitView({ at, search, commit }: SectionProps & Readonly<{ commit: string }>) {
  const { t } = useTranslation();
  const branch = search.at === undefined ? {} : { at: search.at };
  const { data, error, refetch } = useQuery({
    queryKey: ['repository', at.kind, at.name, 'commit', commit],
    queryFn: ({ signal }) => cloud.hub.commits(at, commit, { p: 0, limit: 1 }, { signal }),
  });
  const [shown] = data ?? [];
  return (
    <div className="space-y-4">
      <nav aria-label={t('nav.breadcrumb')} className="flex items-center gap-1 text-sm text-muted">
        <Link
          to={PAGES[at.kind]}
          params={paramsOf(at.name)}
          search={{ tab: 'history', ...branch }}
          className="hover:text-ink"
        >
          {t('repository.history')}
        </Link>
        <ChevronRightIcon className="size-3.5 text-faint" />
        <span className="font-mono">{shortCommit(commit)}</span>
      </nav>
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {shown !== undefined && (
        <>
          <CommitHead at={at} commit={shown} />
          <CommitDiff {...at} revision={shown.id} />
        </>
      )}
      {shown === undefined && error === null && <Loading className="h-40 rounded-xl" />}
    </div>
  );
}

function CommitHead({ at, commit }: Readonly<{ at: RepositoryAddress; commit: RepositoryCommit }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, title, message, authors, date } = commit;
  return (
    <header className="rounded-xl border bg-surface px-5 py-4">
      <h2 className="text-base font-semibold break-words">{title}</h2>
      {message !== '' && <p className="mt-1 text-sm whitespace-pre-line text-muted">{message}</p>}
      <p className="mt-2 flex flex-wrap items-center gap-x-2 text-xs text-muted">
        {authors.length > 0 && <span>{authors.map(({ user }) => user).join(', ')} ·</span>}
        <time dateTime={date}>{format.time(date)}</time>
        <span className="flex items-center font-mono">
          {shortCommit(id)}
          <CopyButton
            text={id}
            label={t('files.copy', { what: shortCommit(id) })}
            doneLabel={t('action.copied')}
          />
        </span>
        <Link
          to={PAGES[at.kind]}
          params={paramsOf(at.name)}
          search={{ tab: 'files', at: id }}
          className="hover:text-ink hover:underline"
        >
          {t('history.browse')}
        </Link>
      </p>
    </header>
  );
}
