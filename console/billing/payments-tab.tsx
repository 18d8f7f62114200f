/** Top-ups, and how they were paid. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Payment } from '../cloud.ts';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Card } from '../ui/card.tsx';
import { CoinIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Banner, Empty } from '../ui/notice.tsx';
import { Skeleton, SkeletonRows } from '../ui/skeleton.tsx';
import { AutoTopUp } from './payments-auto.tsx';
import { paymentOptionsQuery, paymentsQuery } from './payments-queries.ts';
import { Receipt } from './payments-receipt.tsx';
import { PaymentReturn } from './payments-return.tsx';
import { PaymentTable } from './payments-table.tsx';
import { TopUp } from './payments-top-up.tsx';

export function PaymentsTab() {
  const { t } = useTranslation();
  const me = useMe();
  const [open, setOpen] = useState<Payment | null>(null);
  const { data: options, error, refetch } = useQuery(paymentOptionsQuery);
  if (options === undefined) {
    if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
    return <Skeleton className="h-64 rounded-xl" />;
  }
  const mayPay = maySee(me.role, 'pricing');
  return (
    <div className="space-y-4">
      <PaymentReturn onOpen={setOpen} />
      {options.adapters.length === 0 ? (
        <Banner tone="info" title={t('payments.offTitle')}>
          {t('payments.offText')}
        </Banner>
      ) : (
        mayPay && (
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <TopUp options={options} onAnnounced={setOpen} />
            {options.adapters.includes('stripe') ? (
              <AutoTopUp options={options} />
            ) : (
              <Card title={t('payments.manualTitle')}>
                <p className="text-sm text-muted">{t('payments.manualText')}</p>
                <p className="mt-3 text-sm whitespace-pre-line">{options.bankDetails}</p>
              </Card>
            )}
          </div>
        )
      )}
      <History onOpen={setOpen} />
      {open !== null && (
        <Receipt payment={open} bankDetails={options.bankDetails} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

function History({ onOpen }: Readonly<{ onOpen: (payment: Payment) => void }>) {
  const { t } = useTranslation();
  const payments = useInfiniteQuery(paymentsQuery());
  const { data, error, refetch } = payments;
  return (
    <Card isFlush title={t('payments.history')}>
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data?.length === 0 && (
        <Empty icon={CoinIcon} title={t('payments.none')}>
          {t('payments.noneText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <PaymentTable payments={data} onOpen={onOpen} />}
      <LoadMore query={payments} label={t('action.more')} />
    </Card>
  );
}
