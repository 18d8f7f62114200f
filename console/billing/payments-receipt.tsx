/** One payment with all there is to say of it: a receipt, to print or to keep. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Payment } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { PaymentPill, whatOf } from './payments-table.tsx';

export type ReceiptProps = Readonly<{
  payment: Payment;
  onClose: () => void;
  bankDetails?: string | null;
  /** What somebody may do with it. */
  actions?: ReactNode;
}>;

const PROBLEMS = {
  amount_differs: 'payments.amountDiffers',
  currency_differs: 'payments.currencyDiffers',
  declined: 'payments.declined',
  canceled: 'payments.canceled',
} as const;

function isProblem(problem: string | null): problem is keyof typeof PROBLEMS {
  return problem !== null && problem in PROBLEMS;
}

export function Receipt({ payment, onClose, bankDetails, actions }: ReceiptProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency, problem, refunds } = payment;
  const money = (amount: string): string => format.money(amount, currency);
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('payments.state'), <PaymentPill key="state" payment={payment} />],
    [t('payments.what'), t(whatOf(payment))],
    [t('payments.amount'), money(payment.amount)],
    [t('payments.received'), money(payment.received)],
    ...(payment.refunded === '0'
      ? []
      : [[t('payments.refunded'), money(payment.refunded)] as const]),
    [t('payments.booked'), money(payment.booked)],
    [t('payments.opened'), format.time(payment.createdAt)],
    ...(payment.paidAt === null
      ? []
      : [[t('payments.paid'), format.time(payment.paidAt)] as const]),
    ...(payment.reference === '' ? [] : [[t('payments.reference'), payment.reference] as const]),
    [
      t('payments.number'),
      <code key="id" className="font-mono text-xs">
        {payment.id}
      </code>,
    ],
  ];
  const isWaiting = payment.state === 'open' && payment.adapter === 'manual';
  return (
    <Dialog isOpen onClose={onClose} title={t('payments.receipt')} closeLabel={t('action.close')}>
      <div className="space-y-4">
        {isProblem(problem) && <Banner tone="warn">{t(PROBLEMS[problem])}</Banner>}
        {payment.dispute !== null && <Banner tone="warn">{t('payments.disputed')}</Banner>}
        <dl className="divide-y rounded-lg border">
          {facts.map(([name, value]) => (
            <div key={name} className="flex items-center justify-between gap-4 px-3.5 py-2 text-sm">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 text-right break-all">{value}</dd>
            </div>
          ))}
        </dl>
        {refunds.map((refund) => (
          <p key={refund.id} className="text-sm text-muted">
            {t('payments.refundOf', {
              amount: money(refund.amount),
              day: format.day(refund.createdAt),
              reason: refund.reason,
            })}
          </p>
        ))}
        {isWaiting && bankDetails !== null && bankDetails !== undefined && (
          <BankDetails text={bankDetails} reference={payment.reference} />
        )}
        <DialogActions>
          {actions}
          <Button onClick={() => window.print()}>{t('payments.print')}</Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}

export function BankDetails({ text, reference }: Readonly<{ text: string; reference: string }>) {
  const { t } = useTranslation();
  return (
    <div className="space-y-2 rounded-lg border bg-inset px-3.5 py-3 text-sm">
      <p className="font-medium">{t('payments.transferTo')}</p>
      <p className="whitespace-pre-line text-muted">{text}</p>
      {reference !== '' && (
        <p>
          {t('payments.withReference')} <code className="font-mono font-medium">{reference}</code>
        </p>
      )}
    </div>
  );
}
