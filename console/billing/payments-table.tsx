/** Payments as rows; each opens its receipt. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Payment } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Pill, type Tone } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

const TONES: Readonly<Record<Payment['state'], Tone>> = {
  open: 'info',
  succeeded: 'good',
  failed: 'bad',
  expired: 'quiet',
  quarantined: 'warn',
};

export const STATE_LABELS = {
  open: 'payments.stateOpen',
  succeeded: 'payments.stateSucceeded',
  failed: 'payments.stateFailed',
  expired: 'payments.stateExpired',
  quarantined: 'payments.stateQuarantined',
} as const;

export function PaymentPill({ payment }: Readonly<{ payment: Payment }>) {
  const { t } = useTranslation();
  return (
    <Pill tone={TONES[payment.state]} isLive={payment.state === 'open'}>
      {t(STATE_LABELS[payment.state])}
    </Pill>
  );
}

export type PaymentTableProps = Readonly<{
  payments: readonly Payment[];
  /** Where they are of several tenants. */
  nameOf?: (tenantId: string) => ReactNode;
  onOpen: (payment: Payment) => void;
}>;

export function PaymentTable({ payments, nameOf, onOpen }: PaymentTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table
      label={t('payments.history')}
      columns={[
        { key: 'day', label: t('payments.day') },
        ...(nameOf === undefined ? [] : [{ key: 'tenant', label: t('payments.tenant') }]),
        { key: 'what', label: t('payments.what') },
        { key: 'by', label: t('payments.by') },
        { key: 'amount', label: t('payments.amount'), isNumber: true },
        { key: 'state', label: t('payments.state') },
      ]}
    >
      {payments.map((payment) => (
        <Row key={payment.id} isDim={payment.state === 'expired'}>
          <Cell className="whitespace-nowrap">
            <button
              type="button"
              className="font-medium after:absolute after:inset-0"
              onClick={() => onOpen(payment)}
            >
              {format.day(payment.createdAt)}
            </button>
          </Cell>
          {nameOf !== undefined && (
            <Cell className="whitespace-nowrap">{nameOf(payment.tenantId)}</Cell>
          )}
          <Cell className="whitespace-nowrap">{t(whatOf(payment))}</Cell>
          <Cell className="whitespace-nowrap">
            {t(payment.adapter === 'stripe' ? 'payments.card' : 'payments.transfer')}
          </Cell>
          <Cell isNumber>{format.money(payment.amount, payment.currency)}</Cell>
          <Cell>
            <PaymentPill payment={payment} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function whatOf({ purpose, isAutomatic }: Payment) {
  if (purpose === 'invoice') return 'payments.invoice';
  return isAutomatic ? 'payments.automatic' : 'payments.topUp';
}
