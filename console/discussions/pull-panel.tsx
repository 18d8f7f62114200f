/** Whether a pull request can be merged, why not, and the button that does it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { type DiscussionDetail, cloud } from '../cloud.ts';
import { Button } from '../ui/button.tsx';
import { BranchIcon, CheckIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { discussionQuery, useTakeDiscussion } from './queries.ts';

type Props = Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>;

export function PullPanel({ at, detail }: Props) {
  const { t } = useTranslation();
  const { pull, status } = detail;
  if (pull === null || status === 'closed') return null;
  if (status === 'merged') {
    return (
      <div className="mt-4">
        <Banner tone="good">
          {t('discussions.mergedAs')}{' '}
          <code className="font-mono text-xs">{pull.mergeRevisionId?.slice(0, 8)}</code>
        </Banner>
      </div>
    );
  }
  return (
    <section className="mt-4 rounded-xl border bg-surface px-4 py-4 sm:px-5">
      {pull.conflicts.length > 0 ? (
        <Banner tone="warn" title={t('discussions.conflicts')}>
          <p>{t('discussions.conflictsText')}</p>
          <ul className="mt-1.5 space-y-0.5">
            {pull.conflicts.map((path) => (
              <li key={path} className="font-mono text-xs break-all">
                {path}
              </li>
            ))}
          </ul>
        </Banner>
      ) : (
        <Mergeable at={at} detail={detail} />
      )}
    </section>
  );
}

function Mergeable({ at, detail }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const take = useTakeDiscussion(at);
  const { num, status, may } = detail;
  const merge = useMutation({
    mutationFn: () => cloud.discussions.merge(at, num),
    onSuccess: async (changed) => {
      notify(t('discussions.isMerged'));
      await take(changed);
      // Its files, history and card are what main says.
      await queries.invalidateQueries({ queryKey: ['repository', at.kind, at.name] });
    },
    // Somebody was quicker, or main went on: the page says how it stands now.
    onError: () => queries.invalidateQueries({ queryKey: discussionQuery(at, num).queryKey }),
  });
  const isDraft = status === 'draft';
  return (
    <div className="flex flex-wrap items-center gap-3">
      {isDraft ? <BranchIcon className="text-muted" /> : <CheckIcon className="text-good" />}
      <p className="min-w-0 flex-1 basis-48 text-sm">
        {t(isDraft ? 'discussions.draftText' : 'discussions.mergeable')}
      </p>
      {may.govern && (
        <Button
          variant="primary"
          disabled={isDraft}
          isBusy={merge.isPending}
          onClick={() => merge.mutate()}
        >
          <BranchIcon />
          {t('discussions.merge')}
        </Button>
      )}
    </div>
  );
}
