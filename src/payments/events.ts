/** Messages of the other side: proven, taken once, and applied to the payment they are about. */
import { type Database, transaction } from '#platform/database.ts';
import { upsertMethod } from './auto-store.ts';
import { bookFacts } from './booking.ts';
import type { PaymentParts } from './payments.ts';
import type { AdapterName, PaymentEvent, RawEvent } from './port.ts';
import { takeBack } from './refunds.ts';
import { type PaymentRow, insertEvent, lockPayment, selectOfAnyTenant } from './store.ts';

/** Raises `payment.signature_invalid`, `payment.adapter_off`. */
export async function receiveEvent(
  parts: PaymentParts,
  adapter: AdapterName,
  raw: RawEvent,
): Promise<void> {
  const { database, log, settings } = parts;
  const event = await (await settings.port(adapter)).readEvent(raw);
  if (event === null) return;
  const { paymentId: id, externalPaymentId } = event;
  const found = await selectOfAnyTenant(database, { adapter, id, externalPaymentId });
  if (found === null) {
    // With our id it is about a payment of a database that is gone; else of another product.
    if (id !== null)
      log.error('payment.event_unmatched', { eventId: event.eventId, paymentId: id });
    return;
  }
  await transaction(database, (tx) => apply(parts, tx, found, event));
}

async function apply(
  parts: PaymentParts,
  tx: Database,
  found: PaymentRow,
  event: PaymentEvent,
): Promise<void> {
  const { booking, clock } = parts;
  const { tenantId, id: paymentId, adapter } = found;
  const row = await lockPayment(tx, found);
  if (row === null) return;
  const { eventId, kind, externalPaymentId, facts, failedRefundId, method } = event;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  if (!(await insertEvent(tx, { adapter, eventId, tenantId, paymentId, kind, now }))) return;
  const known = { externalPaymentId: row.externalPaymentId ?? externalPaymentId };
  const after = await bookFacts(booking, tx, row, { facts, nowMs, known });
  if (failedRefundId !== null) {
    const refund = { tenantId, id: failedRefundId, paymentId };
    await takeBack(parts, tx, refund, { problem: 'failed', externalId: null });
  }
  if (method !== null && after.savesMethod && after.state === 'succeeded') {
    await upsertMethod(tx, { ...method, tenantId, adapter, now });
  }
}
