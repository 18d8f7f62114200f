/** What was sent to a webhook in the last month, with every attempt, and once more what did not arrive. */
import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Delivery, type Webhook, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TerminalIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { WEBHOOKS_KEY } from './webhook-queries.ts';

const PAGE_SIZE = 20;
/** A test is on its way for a second or two. */
const REFETCH_MS = 2_000;

const TONES: Readonly<Record<Delivery['state'], Tone>> = {
  pending: 'info',
  delivered: 'good',
  dead: 'bad',
};
const LABELS = {
  pending: 'webhooks.pending',
  delivered: 'webhooks.delivered',
  dead: 'webhooks.dead',
} as const;

function deliveriesQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [...WEBHOOKS_KEY, id, 'deliveries'],
    queryFn: ({ pageParam, signal }) =>
      cloud.webhooks.deliveries(id, { cursor: pageParam, limit: PAGE_SIZE }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    select: ({ pages }) => pages.flatMap(({ data }) => data),
    refetchInterval: REFETCH_MS,
  });
}

export type WebhookDeliveriesProps = Readonly<{
  webhook: Webhook;
  mayWrite: boolean;
  onClose: () => void;
}>;

export function WebhookDeliveries({ webhook, mayWrite, onClose }: WebhookDeliveriesProps) {
  const { t } = useTranslation();
  const deliveries = useInfiniteQuery(deliveriesQuery(webhook.id));
  const { data, error, refetch } = deliveries;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      place="right"
      title={t('webhooks.deliveriesOf', { name: webhook.name })}
      description={webhook.url}
      closeLabel={t('action.close')}
    >
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <SkeletonRows rows={4} />}
      {data?.length === 0 && <Empty icon={TerminalIcon} title={t('webhooks.nothingSent')} />}
      <ul className="space-y-3">
        {data?.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} mayWrite={mayWrite} />
        ))}
      </ul>
      <LoadMore query={deliveries} label={t('action.more')} />
    </Dialog>
  );
}

type DeliveryItemProps = Readonly<{ delivery: Delivery; mayWrite: boolean }>;

function DeliveryItem({ delivery, mayWrite }: DeliveryItemProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const { id, webhookId, state, attempts, nextAt } = delivery;
  const again = useMutation({
    mutationFn: () => cloud.webhooks.redeliver(webhookId, id),
    onSettled: () => queries.invalidateQueries({ queryKey: [...WEBHOOKS_KEY, webhookId] }),
  });
  return (
    <li className="rounded-lg border px-3.5 py-3 text-sm">
      <div className="flex items-center justify-between gap-3">
        <span className="font-mono text-xs font-medium">{delivery.kind}</span>
        <Pill tone={TONES[state]} isLive={state === 'pending'}>
          {t(LABELS[state])}
        </Pill>
      </div>
      <p className="mt-1 text-xs text-muted">{format.time(delivery.createdAt)}</p>
      <ol className="mt-2 space-y-1">
        {attempts.map((attempt) => (
          <li key={attempt.at} className="flex justify-between gap-3 text-xs text-muted">
            <span>{attempt.status ?? attempt.problem}</span>
            <span className="tabular">
              {t('webhooks.took', { duration: format.duration(attempt.durationMs) })}
            </span>
          </li>
        ))}
      </ol>
      {nextAt !== null && attempts.length > 0 && (
        <p className="mt-2 text-xs text-muted">
          {t('webhooks.nextAt', { time: format.time(nextAt) })}
        </p>
      )}
      {mayWrite && state !== 'pending' && (
        <Button size="sm" className="mt-2" isBusy={again.isPending} onClick={() => again.mutate()}>
          {t('webhooks.redeliver')}
        </Button>
      )}
    </li>
  );
}
