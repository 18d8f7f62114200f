/**
 * Facts about a payment become money in one transaction: the row, the entry in the ledger, the invoice it
 * pays, and what its people are told. What is posted is always the difference to what was posted before.
 */
import { type NewEntry, platformAccount, tenantCredit } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { formatAmount } from '#ledger/money.ts';
import type { Database } from '#platform/database.ts';
import type { Notices } from '#notices/notices.ts';
import type { Progress } from './payment.ts';
import { type Fact, applyFact, targetPico } from './payment.ts';
import { type PaymentRow, updateProgress } from './store.ts';

/** What payments ask of invoices; there may be none in a cloud. */
export type InvoicePort = Readonly<{
  /** Null where the tenant has no such invoice, or nothing is due of it. */
  amountDue: (
    query: Readonly<{ tenantId: string; invoiceId: string }>,
  ) => Promise<Readonly<{ currency: string; duePico: bigint; number: string }> | null>;
  /** Marks what was paid, or with a negative amount what was given back; the posting is made here. */
  settle: (
    tx: Database,
    payment: Readonly<{
      tenantId: string;
      invoiceId: string;
      currency: string;
      amountPico: bigint;
      paymentId: string;
      paidAtMs: number;
    }>,
  ) => Promise<unknown>;
  /** Money came or went that names no invoice: what is owed follows the balance. */
  resettle?: (tx: Database, tenantId: string) => Promise<unknown>;
}>;

/** Whoever gives something on top of a top-up; idempotent by payment. */
export type TopUpListener = Readonly<{
  toppedUp: (
    tx: Database,
    topUp: Readonly<{ tenantId: string; paymentId: string; currency: string; amountPico: bigint }>,
  ) => Promise<unknown>;
}>;

export type BookingParts = Readonly<{
  ledger: Pick<Ledger, 'post' | 'requireFloor'>;
  notices: Pick<Notices, 'send'>;
  invoices: InvoicePort | null;
  topUps: TopUpListener | null;
  /** Who looks at what was set aside. */
  operatorTenantId: (tx: Database) => Promise<string>;
}>;

export type Change = Readonly<{
  facts: readonly Fact[];
  nowMs: number;
  /** What is learned about the payment beside the facts. */
  known?: Partial<Pick<PaymentRow, 'externalPaymentId' | 'reference' | 'receivedOn'>>;
}>;

/** The row was locked by the caller, in this transaction. */
export async function bookFacts(
  parts: BookingParts,
  tx: Database,
  row: PaymentRow,
  change: Change,
): Promise<PaymentRow> {
  const next = change.facts.reduce<Progress>(applyFact, row);
  return book(parts, tx, row, { ...row, ...next, ...change.known }, change.nowMs);
}

export async function book(
  parts: BookingParts,
  tx: Database,
  before: PaymentRow,
  wanted: PaymentRow,
  nowMs: number,
): Promise<PaymentRow> {
  const deltaPico = targetPico(wanted) - before.postedPico;
  const isPaidNow = wanted.state === 'succeeded' && before.state !== 'succeeded';
  const after: PaymentRow = {
    ...wanted,
    postedPico: before.postedPico + deltaPico,
    postings: before.postings + (deltaPico === 0n ? 0 : 1),
    paidAt: isPaidNow ? (before.paidAt ?? new Date(nowMs)) : before.paidAt,
  };
  await updateProgress(tx, after);
  if (deltaPico !== 0n) {
    await parts.ledger.post(tx, entryOf(after, deltaPico, nowMs));
    await tellOthers(parts, tx, { after, deltaPico, isPaidNow, nowMs });
  }
  await tellPeople(parts, tx, before, after);
  return after;
}

function entryOf(row: PaymentRow, deltaPico: bigint, nowMs: number): NewEntry {
  const { tenantId, id, currency, adapter, invoiceId, postings } = row;
  return {
    key: `payment/${id}/${postings}`,
    kind: 'payment',
    reference: { paymentId: id, adapter, ...(invoiceId === null ? {} : { invoiceId }) },
    effectiveAtMs: nowMs,
    postings: [
      { account: tenantCredit(tenantId, currency), amountPico: deltaPico },
      { account: platformAccount('cash', currency), amountPico: -deltaPico },
    ],
  };
}

type Booked = Readonly<{
  after: PaymentRow;
  deltaPico: bigint;
  isPaidNow: boolean;
  nowMs: number;
}>;

async function tellOthers(parts: BookingParts, tx: Database, booked: Booked): Promise<void> {
  const { after, deltaPico, isPaidNow, nowMs } = booked;
  const { tenantId, id: paymentId, currency, invoiceId } = after;
  if (invoiceId !== null) {
    const money = { currency, amountPico: deltaPico, paymentId, paidAtMs: nowMs };
    await parts.invoices?.settle(tx, { tenantId, invoiceId, ...money });
    return;
  }
  if (isPaidNow) {
    await parts.topUps?.toppedUp(tx, { tenantId, paymentId, currency, amountPico: deltaPico });
  }
  await parts.invoices?.resettle?.(tx, tenantId);
}

async function tellPeople(
  parts: BookingParts,
  tx: Database,
  before: PaymentRow,
  after: PaymentRow,
): Promise<void> {
  const { tenantId, id: paymentId, currency, adapter, invoiceId, reference } = after;
  const amount = formatAmount(after.expectedPico);
  const common = { paymentId, adapter, invoiceId, currency, amount };
  if (after.state !== before.state) {
    if (after.state === 'succeeded') {
      const data = { ...common, amount: formatAmount(after.receivedPico), reference };
      await parts.notices.send(tx, { tenantId, kind: 'payment.succeeded', key: paymentId, data });
    }
    if (after.state === 'failed') {
      const data = { ...common, problem: after.problem };
      await parts.notices.send(tx, { tenantId, kind: 'payment.failed', key: paymentId, data });
    }
    if (after.state === 'quarantined') {
      const expected = `${amount} ${currency}`;
      const received = receivedOf(after);
      const data = { ...common, problem: after.problem, expected, received };
      const operator = await parts.operatorTenantId(tx);
      for (const each of new Set([tenantId, operator])) {
        const notice = {
          tenantId: each,
          kind: 'payment.quarantined' as const,
          key: paymentId,
          data,
        };
        await parts.notices.send(tx, notice);
      }
    }
  }
  if (after.refundedPico > before.refundedPico) {
    const refunded = formatAmount(after.refundedPico - before.refundedPico);
    const data = { ...common, amount: refunded };
    const key = `${paymentId}/${after.refundedPico}`;
    await parts.notices.send(tx, { tenantId, kind: 'payment.refunded', key, data });
  }
  if (after.dispute !== before.dispute && after.dispute !== null) {
    const data = { ...common, state: after.dispute };
    const key = `${paymentId}/${after.dispute}`;
    const operator = await parts.operatorTenantId(tx);
    await parts.notices.send(tx, { tenantId: operator, kind: 'payment.disputed', key, data });
  }
}

/** In another currency the amount is known to the other side only. */
function receivedOf(row: PaymentRow): string {
  return row.problem === 'currency_differs'
    ? 'another currency'
    : `${formatAmount(row.receivedPico)} ${row.currency}`;
}
