/**
 * Gives money back, once per key. It leaves the balance before the other side is asked, so that it cannot
 * be spent meanwhile; what the other side refuses comes back, and what it never answered is asked again
 * under the same key.
 */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { RefundCreate } from './api.ts';
import { book, bookFacts } from './booking.ts';
import { fail } from './errors.ts';
import { applyFact } from './payment.ts';
import type { PaymentParts } from './payments.ts';
import {
  type RefundRow,
  insertRefund,
  selectAllPendingRefunds,
  selectRefunds,
  sumRefunds,
  updateRefund,
} from './refund-store.ts';
import { type PaymentRow, lockPayment } from './store.ts';

const RETRY_AFTER_MS = 60_000;
const AT_ONCE_MAX = 20;

type Address = Readonly<{ tenantId: string; id: string }>;

/** Raises `payment.not_refundable`, `payment.key_reused`, `ledger.insufficient_balance`. */
export async function refundPayment(
  parts: PaymentParts,
  address: Address,
  wish: RefundCreate,
): Promise<void> {
  const refund = await transaction(parts.database, (tx) => begin(parts, tx, address, wish));
  if (refund !== null) await ask(parts, refund);
}

/** One round over what was never answered. */
export async function retryRefunds(parts: PaymentParts): Promise<void> {
  const before = new Date(parts.clock.nowMs() - RETRY_AFTER_MS);
  const pending = await selectAllPendingRefunds(parts.database, { before, limit: AT_ONCE_MAX });
  for (const refund of pending) {
    await ask(parts, refund).catch((error: unknown) =>
      parts.log.warn('refund.unanswered', { refundId: refund.id, error }),
    );
  }
}

/** Null when this key was used before. */
async function begin(
  { booking, clock }: PaymentParts,
  tx: Database,
  address: Address,
  wish: RefundCreate,
): Promise<RefundRow | null> {
  const row = await lockPayment(tx, address);
  if (row === null) throw fail('payment.unknown', `There is no payment ${address.id}.`);
  const { tenantId, id: paymentId, currency, adapter } = row;
  const leftPico = row.receivedPico - row.refundedPico - row.lostPico;
  const before = await selectRefunds(tx, { tenantId, paymentIds: [paymentId] });
  const same = before.find(({ idempotencyKey }) => idempotencyKey === wish.idempotencyKey);
  if (same !== undefined) return requireSame(same, wish);
  const amountPico = wish.amount === undefined ? leftPico : parseAmount(wish.amount);
  if (amountPico <= 0n || amountPico > leftPico) {
    throw fail(
      'payment.not_refundable',
      `Of this payment ${formatAmount(leftPico > 0n ? leftPico : 0n)} ${currency} can be given back.`,
      { param: 'amount' },
    );
  }
  const isReversal = wish.isReversal === true && adapter === 'manual';
  const nowMs = clock.nowMs();
  const refund: RefundRow = {
    tenantId,
    id: createId('rfd', nowMs),
    paymentId,
    amountPico,
    state: 'pending',
    reason: wish.reason,
    problem: null,
    externalId: null,
    idempotencyKey: wish.idempotencyKey,
    createdAt: new Date(nowMs),
  };
  await insertRefund(tx, refund);
  const totalPico = row.refundedPico + amountPico;
  await bookFacts(booking, tx, row, { facts: [{ kind: 'refunded', totalPico }], nowMs });
  if (!isReversal) await booking.ledger.requireFloor(tx, { tenantId, currency });
  return refund;
}

function requireSame(refund: RefundRow, wish: RefundCreate): null {
  if (wish.amount === undefined || parseAmount(wish.amount) === refund.amountPico) return null;
  throw fail('payment.key_reused', 'This key was used before for another amount.', {
    param: 'idempotencyKey',
  });
}

async function ask(parts: PaymentParts, refund: RefundRow): Promise<void> {
  const { database, settings } = parts;
  const { tenantId, id, paymentId, amountPico } = refund;
  const payment = await parts.find({ tenantId, id: paymentId });
  const port = await settings.port(payment.adapter);
  const { currency, externalPaymentId } = payment;
  const order = { refundId: id, paymentId, currency, amountPico, externalPaymentId };
  const answer = await port.refund(order);
  const { externalId, problem } = answer;
  if (answer.kind !== 'refused') {
    await updateRefund(database, { tenantId, id, state: answer.kind, problem, externalId });
    return;
  }
  await transaction(database, (tx) => takeBack(parts, tx, refund, { problem, externalId }));
}

/** The other side did not pay it back after all: the money is the tenant's again. */
export async function takeBack(
  { booking, clock }: PaymentParts,
  tx: Database,
  refund: Pick<RefundRow, 'tenantId' | 'id' | 'paymentId'>,
  end: Readonly<{ problem: string | null; externalId: string | null }>,
): Promise<void> {
  const { tenantId, id, paymentId } = refund;
  const row = await lockPayment(tx, { tenantId, id: paymentId });
  const stored = (await selectRefunds(tx, { tenantId, paymentIds: [paymentId] })).find(
    (each) => each.id === id,
  );
  if (row === null || stored === undefined || stored.state === 'failed') return;
  await updateRefund(tx, { tenantId, id, state: 'failed', ...end });
  const refundedPico = row.refundedPico - stored.amountPico;
  // Never below what the refunds that did not fail add up to.
  const othersPico = await sumRefunds(tx, { tenantId, paymentId });
  const without: PaymentRow = { ...row, refundedPico: refundedPico > 0n ? refundedPico : 0n };
  const next = applyFact(without, { kind: 'refunded', totalPico: othersPico });
  await book(booking, tx, row, { ...row, ...next }, clock.nowMs());
}
