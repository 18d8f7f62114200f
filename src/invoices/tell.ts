/** What tenants are told of an invoice. Pure. */
import type { NewNotice } from '#notices/send.ts';
import { dateAt } from './period.ts';
import type { StoredInvoice } from './invoice-store.ts';
import { formatCoins, minorDigitsOf } from './rounding.ts';

type Told = Pick<
  StoredInvoice,
  | 'tenantId'
  | 'id'
  | 'number'
  | 'periodLabel'
  | 'currency'
  | 'totalPico'
  | 'outstandingPico'
  | 'dueAtMs'
>;

export function noticeOf(
  kind: NewNotice['kind'],
  invoice: Told,
  { key }: Readonly<{ key: string }>,
): NewNotice {
  const digits = minorDigitsOf(invoice.currency);
  return {
    tenantId: invoice.tenantId,
    kind,
    key,
    data: {
      invoiceId: invoice.id,
      number: invoice.number,
      period: invoice.periodLabel,
      amount: formatCoins(invoice.totalPico, digits),
      outstanding: formatCoins(invoice.outstandingPico, digits),
      currency: invoice.currency,
      // The end of a day is the beginning of the next.
      dueOn: dateAt(invoice.dueAtMs - 1, 'UTC'),
    },
  };
}
