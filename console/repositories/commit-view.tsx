/** One commit: who made it, when, and the files it changed. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RepositoryCommit } from '#client/hub-repositories.ts';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ChevronRightIcon } from '../ui/icons.tsx';
import { type Tone, Pill } from '../ui/pill.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { PAGES, type RepositoryAddress, paramsOf, shortCommit } from './address.ts';
import { type FileChange, changedFiles } from './changed-files.ts';
import { allFilesQuery } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';

export function CommitView({ at, search, commit }: SectionProps & Readonly<{ commit: string }>) {
  const { t } = useTranslation();
  const branch = search.at === undefined ? {} : { at: search.at };
  const { data, error, refetch } = useQuery({
    queryKey: ['repository', at.kind, at.name, 'commit', commit],
    queryFn: ({ signal }) => cloud.hub.commits(at, commit, { p: 0, limit: 2 }, { signal }),
  });
  const [shown, parent] = data ?? [];
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
          <Changes at={at} commit={shown.id} parent={parent?.id ?? null} />
        </>
      )}
      {shown === undefined && error === null && <Skeleton className="h-40 rounded-xl" />}
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
        {authors.map(({ user }) => user).join(', ')}
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

type ChangesProps = Readonly<{ at: RepositoryAddress; commit: string; parent: string | null }>;

function Changes({ at, commit, parent }: ChangesProps) {
  const { t } = useTranslation();
  const after = useQuery(allFilesQuery(at, commit));
  const before = useQuery({ ...allFilesQuery(at, parent ?? ''), enabled: parent !== null });
  const error = after.error ?? before.error;
  if (error !== null) return <Failure error={error} />;
  const old = parent === null ? [] : before.data;
  if (after.data === undefined || old === undefined)
    return <Skeleton className="h-32 rounded-xl" />;
  const changes = changedFiles(old, after.data);
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">
        {t('history.changed', { count: changes.length })}
      </h3>
      <ul className="divide-y overflow-hidden rounded-xl border bg-surface">
        {changes.map((change) => (
          <ChangeRow key={change.path} at={at} commit={commit} change={change} />
        ))}
      </ul>
    </section>
  );
}

const WORDS = {
  added: { tone: 'good', label: 'history.added' },
  deleted: { tone: 'bad', label: 'history.deleted' },
  changed: { tone: 'info', label: 'history.modified' },
  renamed: { tone: 'quiet', label: 'history.renamed' },
} as const satisfies Record<FileChange['kind'], Readonly<{ tone: Tone; label: string }>>;

type ChangeRowProps = Readonly<{ at: RepositoryAddress; commit: string; change: FileChange }>;

function ChangeRow({ at, commit, change }: ChangeRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { tone, label } = WORDS[change.kind];
  const sizes =
    change.kind === 'changed'
      ? `${format.bytes(change.beforeBytes)} → ${format.bytes(change.sizeBytes)}`
      : format.bytes(change.sizeBytes);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2.5 text-sm">
      <span className="min-w-0 flex-1 basis-60 break-all">
        {change.kind === 'renamed' && <span className="text-muted">{change.from} → </span>}
        {change.kind === 'deleted' ? (
          <span className="text-muted line-through">{change.path}</span>
        ) : (
          <Link
            to={PAGES[at.kind]}
            params={paramsOf(at.name)}
            search={{ tab: 'files', at: commit, path: change.path }}
            className="font-medium hover:underline"
          >
            {change.path}
          </Link>
        )}
      </span>
      <span className="text-xs whitespace-nowrap text-muted tabular">{sizes}</span>
      <Pill tone={tone}>{t(label)}</Pill>
    </li>
  );
}
