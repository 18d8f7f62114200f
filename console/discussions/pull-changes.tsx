/** What a pull request changes, below its thread. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import type { DiscussionDetail } from '../cloud.ts';
import { Failure } from '../shell/failure.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { ChangeList } from './change-list.tsx';
import { changesQuery } from './queries.ts';

export function PullChanges({
  at,
  detail,
}: Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>) {
  const { t } = useTranslation();
  // Another commit on it is another diff.
  const { data, error, refetch } = useQuery(changesQuery(at, detail.num, detail.updatedAt));
  return (
    <section className="mt-6" aria-label={t('discussions.changes')}>
      <h2 className="mb-3 text-base font-semibold tracking-tight">{t('discussions.changes')}</h2>
      {data === undefined && error === null && <SkeletonRows rows={4} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && <ChangeList changes={data} />}
    </section>
  );
}
