/** Many calls at once, for half the price: a file goes in, its answers come out. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Batch, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Card } from '../ui/card.tsx';
import { StackIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { BatchCard } from './batch-card.tsx';
import { DropZone } from './drop-zone.tsx';
import { batchesQuery, keyOf } from './queries.ts';

export function BatchesPage() {
  const { t } = useTranslation();
  const isBuilder = maySee(useMe().role, 'building');
  return (
    <Page title={t('nav.batches')} description={t('batches.text')}>
      {isBuilder ? (
        <>
          <DropZone />
          <BatchList />
        </>
      ) : (
        <Card>
          <Empty icon={StackIcon} title={t('batches.notYours')}>
            {t('batches.notYoursText')}
          </Empty>
        </Card>
      )}
    </Page>
  );
}

function BatchList() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useInfiniteQuery(batchesQuery(queries));
  const { data, error, refetch } = query;
  const [doomed, setDoomed] = useState<Batch | null>(null);
  const cancelling = useConfirmedRemoval({
    remove: async (id) => {
      await cloud.batches.cancel(id, { apiKey: await keyOf(queries) });
    },
    queryKey: ['batches'],
    done: t('batches.isCancelling'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card isFlush className="overflow-hidden">
      {data === undefined && <SkeletonRows rows={3} />}
      {data?.length === 0 && (
        <Empty icon={StackIcon} title={t('batches.empty')}>
          {t('batches.emptyText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t('nav.batches')}>
          {data.map((batch) => (
            <BatchCard key={batch.id} batch={batch} onCancel={() => setDoomed(batch)} />
          ))}
        </ul>
      )}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('batches.cancelTitle', { name: doomed?.metadata?.['name'] ?? doomed?.id ?? '' })}
        text={t('batches.cancelText')}
        confirmLabel={t('batches.cancel')}
        isBusy={cancelling.isPending}
        onConfirm={() => doomed !== null && cancelling.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </Card>
  );
}
