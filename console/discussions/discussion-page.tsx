/** One discussion: everything that was said and done, and of a pull request what it changes. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '#client/api-error.ts';
import type { RepositoryAddress } from '#client/hub-community.ts';
import type { DiscussionDetail, RepositoryKind } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { PAGES } from '../repositories/address.ts';
import { Failure } from '../shell/failure.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { PageSkeleton } from '../shell/page-skeleton.tsx';
import { ChevronRightIcon, LockIcon } from '../ui/icons.tsx';
import { PullChanges } from './pull-changes.tsx';
import { PullPanel } from './pull-panel.tsx';
import { discussionQuery } from './queries.ts';
import { StatusPill } from './status-pill.tsx';
import { Thread } from './thread.tsx';
import { ThreadActions } from './thread-actions.tsx';
import { Reply } from './reply.tsx';

const KINDS: readonly RepositoryKind[] = ['model', 'dataset', 'space'];

export function DiscussionPage() {
  const { kind = '', owner = '', name = '', num = '' } = useParams({ strict: false });
  const found = KINDS.find((known) => known === kind);
  return found === undefined ? (
    <NotFound />
  ) : (
    <Discussion at={{ kind: found, name: `${owner}/${name}` }} num={num} />
  );
}

function Discussion({ at, num }: Readonly<{ at: RepositoryAddress; num: string }>) {
  const number = /^[1-9]\d{0,8}$/.test(num) ? Number(num) : 0;
  const { data, error, refetch } = useQuery({
    ...discussionQuery(at, number),
    enabled: number > 0,
  });
  if (number === 0 || (error instanceof ApiError && error.status === 404)) return <NotFound />;
  if (data === undefined && error === null) return <PageSkeleton />;
  return (
    <div className="page-enter mx-auto w-full max-w-[62rem] px-4 pt-6 pb-16 sm:px-8">
      {data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          <title>{`${data.title} · ${at.name} · Flywheel`}</title>
          <Head at={at} detail={data} />
          <Thread at={at} detail={data} />
          {data.pull !== null && <PullPanel at={at} detail={data} />}
          {data.pull !== null && <PullChanges at={at} detail={data} />}
          <Reply at={at} detail={data} />
        </>
      )}
    </div>
  );
}

function Head({ at, detail }: Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [owner = '', name = ''] = at.name.split('/');
  return (
    <header className="mb-6">
      <nav aria-label={t('nav.breadcrumb')} className="flex items-center gap-1 text-sm text-muted">
        <Link
          to={PAGES[at.kind]}
          params={{ owner, name }}
          search={{ tab: 'discussions' }}
          className="min-w-0 truncate hover:text-ink"
        >
          {at.name}
        </Link>
        <ChevronRightIcon className="size-3.5 text-faint" />
        <span>{t(detail.isPullRequest ? 'discussions.pull' : 'discussions.discussion')}</span>
      </nav>
      <div className="mt-1 flex flex-wrap items-start gap-x-4 gap-y-2">
        <h1 className="min-w-0 flex-1 basis-64 text-xl leading-7 font-semibold tracking-tight break-words">
          {detail.title} <span className="font-normal text-muted">#{detail.num}</span>
        </h1>
        <ThreadActions at={at} detail={detail} />
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <StatusPill status={detail.status} />
        {detail.isLocked && (
          <span className="inline-flex items-center gap-1">
            <LockIcon className="size-3.5" />
            {t('discussions.locked')}
          </span>
        )}
        <span>
          {t('discussions.openedBy', {
            author: detail.author,
            when: format.ago(detail.createdAt),
          })}
        </span>
      </div>
    </header>
  );
}
