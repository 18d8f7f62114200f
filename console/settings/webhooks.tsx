/** Addresses that are told what happens: payments, invoices, budgets. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Webhook, type WebhookCreated, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { GlobeIcon, PlusIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { notify } from '../ui/toast.tsx';
import { WebhookDeliveries } from './webhook-deliveries.tsx';
import { CreateWebhook, WebhookSecret } from './webhook-form.tsx';
import { WEBHOOKS_KEY, webhooksQuery } from './webhook-queries.ts';

export function Webhooks() {
  const { t } = useTranslation();
  const mayWrite = maySee(useMe().role, 'inviting');
  const { data, error, refetch } = useQuery(webhooksQuery);
  const [isCreating, setIsCreating] = useState(false);
  const [opened, setOpened] = useState<Webhook | null>(null);
  const [turned, setTurned] = useState<WebhookCreated | null>(null);
  const [doomed, setDoomed] = useState<Webhook | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.webhooks.remove(id),
    queryKey: WEBHOOKS_KEY,
    done: t('webhooks.removed'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  const add = mayWrite && (
    <Button size="sm" variant="primary" onClick={() => setIsCreating(true)}>
      <PlusIcon />
      {t('webhooks.create')}
    </Button>
  );
  return (
    <Card isFlush title={t('webhooks.title')} description={t('webhooks.text')} actions={add}>
      {data === undefined && <SkeletonRows rows={2} />}
      {data?.length === 0 && (
        <Empty icon={GlobeIcon} title={t('webhooks.none')}>
          {t('webhooks.noneText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <WebhookTable
          webhooks={data}
          mayWrite={mayWrite}
          onOpen={setOpened}
          onTurned={setTurned}
          onRemove={setDoomed}
        />
      )}
      {isCreating && <CreateWebhook onClose={() => setIsCreating(false)} />}
      {turned !== null && <WebhookSecret created={turned} onClose={() => setTurned(null)} />}
      {opened !== null && (
        <WebhookDeliveries webhook={opened} mayWrite={mayWrite} onClose={() => setOpened(null)} />
      )}
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('webhooks.removeTitle', { name: doomed?.name ?? '' })}
        text={t('webhooks.removeText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </Card>
  );
}

type WebhookTableProps = Readonly<{
  webhooks: readonly Webhook[];
  mayWrite: boolean;
  onOpen: (webhook: Webhook) => void;
  onTurned: (created: WebhookCreated) => void;
  onRemove: (webhook: Webhook) => void;
}>;

function WebhookTable({ webhooks, mayWrite, onOpen, onTurned, onRemove }: WebhookTableProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: WEBHOOKS_KEY });
  const rotate = useMutation({
    mutationFn: (id: string) => cloud.webhooks.rotate(id),
    onSuccess: onTurned,
  });
  const turn = useMutation({
    mutationFn: ({ id, state }: Webhook) =>
      cloud.webhooks.update(id, { state: state === 'active' ? 'paused' : 'active' }),
    onSettled: again,
  });
  const test = useMutation({
    mutationFn: (webhook: Webhook) => cloud.webhooks.test(webhook.id),
    onSuccess: (_, webhook) => {
      notify(t('webhooks.tested'));
      onOpen(webhook);
    },
  });
  return (
    <Table
      label={t('webhooks.title')}
      columns={[
        { key: 'name', label: t('webhooks.name') },
        { key: 'url', label: t('webhooks.url') },
        { key: 'kinds', label: t('webhooks.kinds') },
        { key: 'state', label: t('webhooks.state') },
        { key: 'actions', label: '' },
      ]}
    >
      {webhooks.map((webhook) => (
        <Row key={webhook.id} isDim={webhook.state === 'paused'}>
          <Cell className="font-medium">{webhook.name}</Cell>
          <Cell className="max-w-64 truncate font-mono text-xs">{webhook.url}</Cell>
          <Cell>{webhook.kinds?.join(', ') ?? t('webhooks.allKinds')}</Cell>
          <Cell>
            <Pill tone={webhook.state === 'active' ? 'good' : 'quiet'}>
              {t(webhook.state === 'active' ? 'webhooks.active' : 'webhooks.paused')}
            </Pill>
          </Cell>
          <Cell>
            <div className="flex justify-end gap-1">
              <Button size="sm" variant="ghost" onClick={() => onOpen(webhook)}>
                {t('webhooks.deliveries')}
              </Button>
              {mayWrite && (
                <>
                  <Button size="sm" variant="ghost" onClick={() => test.mutate(webhook)}>
                    {t('webhooks.test')}
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => turn.mutate(webhook)}>
                    {t(webhook.state === 'active' ? 'webhooks.pause' : 'webhooks.resume')}
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => rotate.mutate(webhook.id)}>
                    {t('webhooks.rotate')}
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => onRemove(webhook)}>
                    {t('action.delete')}
                  </Button>
                </>
              )}
            </div>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
