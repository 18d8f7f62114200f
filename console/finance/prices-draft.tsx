/** One draft: what it changes, what last month would have been, and what is done with it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PriceDraft, cloud } from '../cloud.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { PriceDiffView } from './prices-diff.tsx';
import { DraftState } from './prices-drafts.tsx';
import { PriceEditor } from './prices-editor.tsx';
import { draftQuery } from './prices-queries.ts';
import { PriceSimulationView } from './prices-simulation.tsx';

const WIDTH = '52rem';

export function PriceDraftDrawer({ id, onClose }: Readonly<{ id: string; onClose: () => void }>) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(draftQuery(id));
  const [view, setView] = useState<'diff' | 'simulation'>('diff');
  /** The price of the draft that is edited; its length is a new one. */
  const [edited, setEdited] = useState<number | null>(null);
  return (
    <>
      <Dialog
        isOpen={edited === null}
        onClose={onClose}
        place="right"
        width={WIDTH}
        title={data?.title ?? t('prices.draft')}
        description={data === undefined ? undefined : <DraftState draft={data} />}
        closeLabel={t('action.close')}
      >
        {error !== null && data === undefined && (
          <Failure error={error} onRetry={() => void refetch()} />
        )}
        {data === undefined && error === null && <Skeleton className="h-64 rounded-xl" />}
        {data !== undefined && (
          <div className="space-y-5">
            <Segmented
              label={t('prices.view')}
              value={view}
              onChange={setView}
              choices={[
                { value: 'diff', label: t('prices.changes') },
                { value: 'simulation', label: t('prices.simulation') },
              ]}
            />
            {view === 'diff' && (
              <PriceDiffView
                draft={data}
                onEdit={data.state === 'open' ? (index) => setEdited(index) : undefined}
              />
            )}
            {view === 'simulation' && <PriceSimulationView draft={data} />}
            {data.state === 'open' && (
              <DraftActions
                draft={data}
                onAdd={() => setEdited(data.items.length)}
                onClose={onClose}
              />
            )}
          </div>
        )}
      </Dialog>
      {edited !== null && data !== undefined && (
        <PriceEditor
          start={{ draft: data, index: edited, price: null }}
          onClose={() => setEdited(null)}
          onSaved={() => setEdited(null)}
        />
      )}
    </>
  );
}

type Act = 'approve' | 'publish' | 'discard';

function DraftActions({
  draft,
  onAdd,
  onClose,
}: Readonly<{ draft: PriceDraft; onAdd: () => void; onClose: () => void }>) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const { id, revision, approval, needsApproval, editors } = draft;
  const act = useMutation({
    mutationFn: async (what: Act) => {
      if (what === 'approve') await cloud.priceDrafts.approve(id, revision);
      if (what === 'publish') await cloud.priceDrafts.publish(id, revision);
      if (what === 'discard') await cloud.priceDrafts.discard(id);
    },
    meta: { isSilent: true },
    onSuccess: async (_, what) => {
      notify(t(DONE[what]));
      if (what !== 'approve') onClose();
      await Promise.all(
        [['price-drafts'], ['price-versions'], ['prices'], ['price-events']].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const wroteIt = editors.some((editor) => editor.id === me.member?.accountCode);
  const waits = needsApproval && approval === null;
  return (
    <div className="space-y-3 border-t pt-4">
      {act.error !== null && <Banner tone="bad">{describeFailure(act.error)}</Banner>}
      {waits && wroteIt && <Banner tone="info">{t('prices.anotherApproves')}</Banner>}
      <div className="flex flex-wrap gap-2">
        <Button onClick={onAdd}>{t('prices.addModel')}</Button>
        <Button variant="danger" onClick={() => act.mutate('discard')}>
          {t('prices.discard')}
        </Button>
        <span className="flex-1" />
        {waits && !wroteIt && (
          <Button isBusy={act.isPending} onClick={() => act.mutate('approve')}>
            {t('prices.approve')}
          </Button>
        )}
        <Button
          variant="primary"
          disabled={waits || draft.items.length === 0}
          isBusy={act.isPending}
          onClick={() => act.mutate('publish')}
        >
          {t('prices.publish')}
        </Button>
      </div>
    </div>
  );
}

const DONE = {
  approve: 'prices.approvedDone',
  publish: 'prices.publishedDone',
  discard: 'prices.discardedDone',
} as const satisfies Record<Act, string>;
