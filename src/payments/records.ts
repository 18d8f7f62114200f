/** What the operator says came by bank: a transfer that was announced, or one that was not. */
import { parseAmount } from '#ledger/money.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { PaymentRecord } from './api.ts';
import { bookFacts } from './booking.ts';
import { fail } from './errors.ts';
import { toMinorUnits } from './minor-units.ts';
import type { PaymentParts } from './payments.ts';
import {
  type PaymentRow,
  insertEvent,
  insertPayment,
  lockPayment,
  selectOfAnyTenant,
  selectPaymentByKey,
} from './store.ts';

/** Raises `payment.unknown`, `payment.invoice_unknown`, `payment.key_reused`, `payment.not_recordable`. */
export async function recordTransfer(
  parts: PaymentParts,
  record: PaymentRecord,
): Promise<PaymentRow> {
  const amountPico = parseAmount(record.amount);
  if (record.paymentId === undefined) return recordUnannounced(parts, record, amountPico);
  return recordAnnounced(parts, record, amountPico);
}

type Money = Readonly<{ currency: string; amountPico: bigint }>;

/** Raises `payment.amount_invalid` for what no bank could have moved. */
function moneyOf(currency: string, amountPico: bigint): Money {
  toMinorUnits(amountPico, currency);
  return { currency, amountPico };
}

async function recordAnnounced(
  parts: PaymentParts,
  record: PaymentRecord,
  amountPico: bigint,
): Promise<PaymentRow> {
  const id = record.paymentId ?? '';
  const found = await selectOfAnyTenant(parts.database, {
    adapter: null,
    id,
    externalPaymentId: null,
  });
  if (found === null) throw fail('payment.unknown', `There is no payment ${id}.`);
  if (found.adapter !== 'manual') {
    throw fail('payment.not_recordable', 'What comes of this payment, Stripe says.');
  }
  const money = moneyOf(record.currency ?? found.currency, amountPico);
  return transaction(parts.database, async (tx) => {
    const row = await lock(tx, found);
    const { tenantId } = row;
    // The same payment twice under two keys is two transfers, and somebody must look at the second.
    const eventId = `${tenantId}/${record.idempotencyKey}`;
    const now = new Date(parts.clock.nowMs());
    const event = { adapter: 'manual', eventId, tenantId, paymentId: id, kind: 'record' } as const;
    const isNew = await insertEvent(tx, { ...event, now });
    if (!isNew) return requireSame(row, money);
    if (row.receivedPico > 0n) {
      throw fail(
        'payment.not_recordable',
        'A transfer for this payment is recorded already. Record another one as a payment of its own.',
      );
    }
    return bookMoney(parts, tx, row, record, money);
  });
}

async function recordUnannounced(
  parts: PaymentParts,
  record: PaymentRecord,
  amountPico: bigint,
): Promise<PaymentRow> {
  const { clock, database, tenants } = parts;
  const { tenantId = '', invoiceId = null } = record;
  if ((await tenants.tenant(tenantId)) === null) {
    throw fail('payment.unknown', 'There is no such tenant.', { param: 'tenantId' });
  }
  const currency = await readCurrency(database, tenantId);
  const money = moneyOf(record.currency ?? currency, amountPico);
  const idempotencyKey = `record/${record.idempotencyKey}`;
  const known = await selectPaymentByKey(database, { tenantId, idempotencyKey });
  if (known !== null) return requireSame(known, money);
  if (invoiceId !== null) await requireInvoice(parts, tenantId, invoiceId);
  const id = createId('pay', clock.nowMs());
  return transaction(database, async (tx) => {
    const isNew = await insertPayment(tx, {
      tenantId,
      id,
      adapter: 'manual',
      purpose: invoiceId === null ? 'top_up' : 'invoice',
      invoiceId,
      currency,
      expectedPico: money.amountPico,
      isAutomatic: false,
      savesMethod: false,
      reference: record.reference ?? '',
      receivedOn: record.receivedOn,
      idempotencyKey,
      createdAt: new Date(clock.nowMs()),
    });
    if (!isNew) {
      const other = await selectPaymentByKey(tx, { tenantId, idempotencyKey });
      return requireSame(await lock(tx, { tenantId, id: other?.id ?? id }), money);
    }
    return bookMoney(parts, tx, await lock(tx, { tenantId, id }), record, money);
  });
}

async function requireInvoice(
  { invoices }: PaymentParts,
  tenantId: string,
  invoiceId: string,
): Promise<void> {
  if (((await invoices?.amountDue({ tenantId, invoiceId })) ?? null) !== null) return;
  throw fail('payment.invoice_unknown', 'There is no such invoice with something due.', {
    param: 'invoiceId',
  });
}

function bookMoney(
  { booking, clock }: PaymentParts,
  tx: Database,
  row: PaymentRow,
  record: PaymentRecord,
  { currency, amountPico: totalPico }: Money,
): Promise<PaymentRow> {
  const facts = [{ kind: 'paid', currency, totalPico }] as const;
  const reference = record.reference || row.reference;
  const known = { reference, receivedOn: record.receivedOn };
  return bookFacts(booking, tx, row, { facts, nowMs: clock.nowMs(), known });
}

async function lock(
  tx: Database,
  address: Readonly<{ tenantId: string; id: string }>,
): Promise<PaymentRow> {
  const row = await lockPayment(tx, address);
  if (row === null) throw fail('payment.unknown', `There is no payment ${address.id}.`);
  return row;
}

function requireSame(row: PaymentRow, { amountPico }: Money): PaymentRow {
  const isSame = row.receivedPico === amountPico || row.problem === 'currency_differs';
  if (isSame) return row;
  throw fail('payment.key_reused', 'This key was used before for another amount.', {
    param: 'idempotencyKey',
  });
}
