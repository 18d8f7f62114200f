/** The commits of a branch, the newest first; one of them opened with the files it changed. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RepositoryCommit } from '#client/hub-repositories.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { MAIN, PAGES, paramsOf, shortCommit } from './address.ts';
import { CommitView } from './commit-view.tsx';
import { commitsQuery, refsQuery } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';
import { RevisionPicker } from './revision-picker.tsx';

export function HistoryTab(props: SectionProps) {
  const { at, search, onSearch } = props;
  const revision = search.at ?? MAIN;
  const { data: refs } = useQuery(refsQuery(at));
  if (search.commit !== undefined) return <CommitView {...props} commit={search.commit} />;
  return (
    <div className="space-y-4">
      <RevisionPicker
        refs={refs}
        revision={revision}
        onChange={(next) => onSearch({ tab: 'history', ...(next === MAIN ? {} : { at: next }) })}
      />
      <Commits {...props} revision={revision} />
    </div>
  );
}

function Commits({ at, revision }: SectionProps & Readonly<{ revision: string }>) {
  const { t } = useTranslation();
  const commits = useInfiniteQuery(commitsQuery(at, revision));
  const { data, error, refetch } = commits;
  if (data === undefined) {
    return error === null ? (
      <Loading className="h-64 rounded-xl" />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      <ol className="divide-y overflow-hidden rounded-xl border bg-surface">
        {data.map((commit) => (
          <CommitRow key={commit.id} at={at} revision={revision} commit={commit} />
        ))}
      </ol>
      <LoadMore query={commits} label={t('action.more')} />
    </>
  );
}

type CommitRowProps = Pick<SectionProps, 'at'> &
  Readonly<{ revision: string; commit: RepositoryCommit }>;

function CommitRow({ at, revision, commit }: CommitRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, title, date, authors } = commit;
  const branch = revision === MAIN ? {} : { at: revision };
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5 text-sm hover:bg-inset">
      <span className="min-w-0 flex-1 basis-60">
        <Link
          to={PAGES[at.kind]}
          params={paramsOf(at.name)}
          search={{ tab: 'history', ...branch, commit: id }}
          className="font-medium break-words after:absolute after:inset-0 hover:underline"
        >
          {title}
        </Link>
        <span className="block text-xs text-muted">
          {authors.map(({ user }) => user).join(', ')}
          {authors.length > 0 && ' · '}
          <time dateTime={date} title={format.time(date)}>
            {format.ago(date)}
          </time>
        </span>
      </span>
      <span className="relative flex items-center gap-1 font-mono text-xs text-muted">
        {shortCommit(id)}
        <CopyButton
          text={id}
          label={t('files.copy', { what: shortCommit(id) })}
          doneLabel={t('action.copied')}
        />
        <Link
          to={PAGES[at.kind]}
          params={paramsOf(at.name)}
          search={{ tab: 'files', at: id }}
          className="font-sans hover:text-ink hover:underline"
        >
          {t('history.browse')}
        </Link>
      </span>
    </li>
  );
}
