/** What tenants paid in, transfers to record, money that was set aside, and how this cloud is paid. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { paymentsQuery } from '../billing/payments-queries.ts';
import { STATE_LABELS, PaymentTable } from '../billing/payments-table.tsx';
import type { Payment, PaymentState } from '../cloud.ts';
import { tenantsQuery } from '../settings/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ReceiptIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { OperatorReceipt } from './payments-actions.tsx';
import { RecordTransfer } from './payments-record.tsx';
import { PaymentSettingsCard } from './payments-settings.tsx';

const STATES = ['open', 'succeeded', 'quarantined', 'failed', 'expired'] as const;

export function PaymentsTab() {
  const { t } = useTranslation();
  const mayRecord = mayOperate(useMe(), 'credit');
  const [state, setState] = useState<PaymentState | 'all'>('all');
  const [open, setOpen] = useState<Payment | null>(null);
  const [isRecording, setIsRecording] = useState(false);
  const payments = useInfiniteQuery(
    paymentsQuery({
      tenantId: mayRecord ? 'all' : undefined,
      state: state === 'all' ? undefined : state,
    }),
  );
  const tenants = useInfiniteQuery(tenantsQuery).data ?? [];
  const nameOf = (id: string): string => tenants.find((each) => each.id === id)?.name ?? id;
  const { data, error, refetch } = payments;
  const actions = (
    <>
      <Select
        label={t('payments.state')}
        size="sm"
        value={state}
        onChange={setState}
        choices={[
          { value: 'all', label: t('payments.allStates') },
          ...STATES.map((value) => ({ value, label: t(STATE_LABELS[value]) })),
        ]}
      />
      {mayRecord && (
        <Button size="sm" variant="primary" onClick={() => setIsRecording(true)}>
          {t('payments.record')}
        </Button>
      )}
    </>
  );
  return (
    <div className="space-y-4">
      <Card isFlush title={t('payments.history')} actions={actions}>
        {data === undefined && error !== null && (
          <Failure error={error} onRetry={() => void refetch()} />
        )}
        {data === undefined && error === null && <SkeletonRows rows={3} />}
        {data?.length === 0 && <Empty icon={ReceiptIcon} title={t('payments.none')} />}
        {data !== undefined && data.length > 0 && (
          <PaymentTable payments={data} nameOf={nameOf} onOpen={setOpen} />
        )}
        <LoadMore query={payments} label={t('action.more')} />
      </Card>
      {mayRecord && <PaymentSettingsCard />}
      {open !== null && (
        <OperatorReceipt payment={open} mayChange={mayRecord} onClose={() => setOpen(null)} />
      )}
      {isRecording && <RecordTransfer tenants={tenants} onClose={() => setIsRecording(false)} />}
    </div>
  );
}
