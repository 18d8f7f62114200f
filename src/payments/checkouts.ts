/** Opens payments: a top-up or an invoice, on a page of Stripe's or as a transfer that is announced. */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { Checkout, CheckoutCreate } from './api.ts';
import { bookFacts } from './booking.ts';
import { fail } from './errors.ts';
import { selectMethod } from './auto-store.ts';
import type { PaymentParts } from './payments.ts';
import type { AdapterName, Opened } from './port.ts';
import { presentPayment } from './present.ts';
import type { Stored } from './settings.ts';
import { type NewPayment, insertPayment, lockPayment, selectPayment, setOpened } from './store.ts';

/** Long enough that two transfers of a year never share it, short enough for a form of a bank. */
const REFERENCE_CHARACTERS = 10;

/** Raises `payment.amount_invalid`, `payment.invoice_unknown`, `payment.adapter_off`, `payment.provider_*`. */
export async function openCheckout(
  parts: PaymentParts,
  tenantId: string,
  wish: CheckoutCreate,
): Promise<Checkout> {
  const { database, clock, settings } = parts;
  const stored = await settings.read();
  const adapter = chooseAdapter(stored, wish.adapter);
  const what = await readWish(parts, stored, tenantId, wish);
  const port = await settings.port(adapter);
  const id = createId('pay', clock.nowMs());
  const savesMethod = wish.savesMethod === true && port.chargesSaved;
  const row: NewPayment = {
    tenantId,
    id,
    adapter,
    purpose: what.invoiceId === null ? 'top_up' : 'invoice',
    invoiceId: what.invoiceId,
    currency: what.currency,
    expectedPico: what.amountPico,
    isAutomatic: false,
    savesMethod,
    reference: adapter === 'manual' ? referenceOf(id) : '',
    receivedOn: null,
    idempotencyKey: null,
    createdAt: new Date(clock.nowMs()),
  };
  const method = await selectMethod(database, { tenantId, adapter });
  await insertPayment(database, row);
  const opened = await open(parts, row, () =>
    port.open({
      paymentId: id,
      tenantId,
      currency: what.currency,
      amountPico: what.amountPico,
      label: what.label,
      returnUrl: `${parts.publicUrl}/billing?tab=payments&payment=${id}`,
      savesMethod,
      customerId: method?.customerId ?? null,
    }),
  );
  const { externalId, expiresAt, url } = opened;
  await setOpened(database, { tenantId, id, externalId, expiresAt });
  const made = await selectPayment(database, { tenantId, id });
  if (made === null) throw fail('payment.unknown', `There is no payment ${id}.`);
  const bankDetails = adapter === 'manual' ? stored.bankDetails : null;
  return { ...presentPayment(made, []), url, bankDetails };
}

function chooseAdapter(stored: Stored, wanted: AdapterName | undefined): AdapterName {
  const adapter = wanted ?? (stored.stripeKeyHint === null ? 'manual' : 'stripe');
  if (adapter === 'manual' && stored.bankDetails === '') {
    throw fail(
      'payment.adapter_off',
      'Nothing can be paid here yet: whoever runs this cloud has not written down how.',
      { param: 'adapter' },
    );
  }
  return adapter;
}

type Wished = Readonly<{
  invoiceId: string | null;
  currency: string;
  amountPico: bigint;
  label: string;
}>;

async function readWish(
  { database, invoices }: PaymentParts,
  stored: Stored,
  tenantId: string,
  { amount = '', invoiceId }: CheckoutCreate,
): Promise<Wished> {
  if (invoiceId !== undefined) {
    const due = (await invoices?.amountDue({ tenantId, invoiceId })) ?? null;
    if (due === null || due.duePico <= 0n) {
      throw fail('payment.invoice_unknown', 'There is no such invoice with something due.', {
        param: 'invoiceId',
      });
    }
    const { currency, duePico: amountPico } = due;
    return { invoiceId, currency, amountPico, label: `Invoice ${due.number}` };
  }
  const amountPico = parseAmount(amount);
  if (amountPico < stored.leastPico || amountPico > stored.mostPico) {
    const [least, most] = [formatAmount(stored.leastPico), formatAmount(stored.mostPico)];
    throw fail('payment.amount_invalid', `A top-up is from ${least} to ${most}.`, {
      param: 'amount',
    });
  }
  const currency = await readCurrency(database, tenantId);
  return { invoiceId: null, currency, amountPico, label: 'Top-up' };
}

/** A payment that could not be opened has failed; whoever wanted it asks again and gets another one. */
async function open(
  parts: PaymentParts,
  row: NewPayment,
  call: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await call();
  } catch (error) {
    await transaction(parts.database, async (tx: Database) => {
      const locked = await lockPayment(tx, row);
      if (locked === null) return;
      const facts = [{ kind: 'failed', problem: 'canceled' }] as const;
      // Whoever asked hears of it at once, so nobody is written to.
      const quiet = { ...parts.booking, notices: { send: async () => ({ noticeId: null }) } };
      await bookFacts(quiet, tx, locked, { facts, nowMs: parts.clock.nowMs() });
    });
    throw error;
  }
}

function referenceOf(paymentId: string): string {
  return `FW-${paymentId.slice(-REFERENCE_CHARACTERS).toUpperCase()}`;
}
