/** Payments as the public API shows them. Pure. */
import { formatAmount } from '#ledger/money.ts';
import type { Payment } from './api.ts';
import type { RefundRow } from './refund-store.ts';
import type { PaymentRow } from './store.ts';

export function presentPayment(row: PaymentRow, refunds: readonly RefundRow[]): Payment {
  const { id, tenantId, adapter, purpose, invoiceId, currency, state, problem, dispute } = row;
  const { isAutomatic, reference, receivedOn } = row;
  return {
    id,
    tenantId,
    adapter,
    purpose,
    invoiceId,
    currency,
    amount: formatAmount(row.expectedPico),
    received: formatAmount(row.receivedPico),
    refunded: formatAmount(row.refundedPico),
    booked: formatAmount(row.postedPico),
    state,
    problem,
    dispute,
    isAutomatic,
    reference,
    receivedOn,
    createdAt: row.createdAt.toISOString(),
    paidAt: row.paidAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    refunds: refunds.map((refund) => ({
      id: refund.id,
      amount: formatAmount(refund.amountPico),
      state: refund.state,
      reason: refund.reason,
      problem: refund.problem,
      createdAt: refund.createdAt.toISOString(),
    })),
  };
}
