/** What is talked about at a repository: discussions and pull requests, filtered by kind and state. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import type { Discussion } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { BranchIcon, ChatIcon, LockIcon, PlusIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { NewDiscussion } from './new-discussion.tsx';
import { discussionsQuery, threadOf } from './queries.ts';
import { StatusPill } from './status-pill.tsx';

type Kind = 'all' | 'discussion' | 'pull';
type State = 'open' | 'closed';

export function DiscussionsTab({ kind, name }: RepositoryAddress) {
  const { t } = useTranslation();
  const at = { kind, name };
  const [type, setType] = useState<Kind>('all');
  const [state, setState] = useState<State>('open');
  const [isOpening, setIsOpening] = useState(false);
  const query = useInfiniteQuery(
    discussionsQuery(at, { type: type === 'all' ? undefined : type, state }),
  );
  const { data, error, refetch } = query;
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Segmented<State>
          label={t('discussions.state')}
          value={state}
          onChange={setState}
          choices={[
            { value: 'open', label: t('discussions.open') },
            { value: 'closed', label: t('discussions.closed') },
          ]}
        />
        <Segmented<Kind>
          label={t('discussions.kind')}
          value={type}
          onChange={setType}
          choices={[
            { value: 'all', label: t('discussions.all') },
            { value: 'discussion', label: t('discussions.talk') },
            { value: 'pull', label: t('discussions.pulls') },
          ]}
        />
        <Button size="sm" variant="primary" className="ml-auto" onClick={() => setIsOpening(true)}>
          <PlusIcon />
          {t('discussions.new')}
        </Button>
      </div>
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      <div className="rounded-xl border bg-surface">
        {data === undefined && error === null && <SkeletonRows rows={3} />}
        {data?.rows.length === 0 && (
          <Empty icon={ChatIcon} title={t('discussions.none')}>
            {t('discussions.noneText')}
          </Empty>
        )}
        <ul>
          {data?.rows.map((row) => (
            <DiscussionRow key={row.num} at={at} row={row} />
          ))}
        </ul>
        <LoadMore query={query} label={t('action.more')} />
      </div>
      {isOpening && <NewDiscussion at={at} onClose={() => setIsOpening(false)} />}
    </>
  );
}

function DiscussionRow({ at, row }: Readonly<{ at: RepositoryAddress; row: Discussion }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const KindIcon = row.isPullRequest ? BranchIcon : ChatIcon;
  return (
    <li className="relative flex items-start gap-3 border-b px-4 py-3 last:border-0 hover:bg-inset sm:px-5">
      <KindIcon className="mt-1 text-muted" />
      <div className="min-w-0 flex-1">
        <Link
          {...threadOf(at, row.num)}
          className="font-medium break-words after:absolute after:inset-0"
        >
          {row.title}
        </Link>
        <p className="text-xs text-muted">
          {t('discussions.byline', {
            num: row.num,
            author: row.author,
            when: format.ago(row.createdAt),
          })}
        </p>
      </div>
      <span className="flex items-center gap-3">
        {row.isLocked && <LockIcon className="text-muted" />}
        {row.comments > 1 && (
          <span className="flex items-center gap-1 text-xs text-muted tabular">
            <ChatIcon className="size-3.5" />
            {row.comments - 1}
          </span>
        )}
        <StatusPill status={row.status} />
      </span>
    </li>
  );
}
