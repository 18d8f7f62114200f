/**
 * Automatic top-ups: when a balance falls below its threshold, the saved means of payment is charged, up
 * to a cap a month. One at a time; what is declined turns itself off and says so, because a card that was
 * refused is not to be knocked on again and again.
 */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { AutoTopUp, AutoTopUpSet } from './api.ts';
import {
  type AutoRow,
  lockAuto,
  markTried,
  selectAllAutoDue,
  selectAuto,
  selectMethod,
  sumAutomatic,
  upsertAuto,
} from './auto-store.ts';
import { bookFacts } from './booking.ts';
import { fail } from './errors.ts';
import { toMinorUnits } from './minor-units.ts';
import type { PaymentParts } from './payments.ts';
import {
  type NewPayment,
  type PaymentRow,
  insertPayment,
  lockPayment,
  selectAllUnanswered,
} from './store.ts';

/** A message of success may take this long; a second charge within it would be for the same need. */
const PAUSE_MS = 5 * 60_000;
const AT_ONCE_MAX = 20;
/** Stripe forgets an idempotency key after 24 hours, and would then charge anew. */
const ASKED_FOR_MS = 20 * 60 * 60_000;
const NOTHING_TO_CHARGE = {
  facts: [{ kind: 'failed', problem: 'declined' }],
  externalPaymentId: null,
} as const;

export async function presentAuto(
  { database, clock }: PaymentParts,
  tenantId: string,
): Promise<AutoTopUp | null> {
  const row = await selectAuto(database, tenantId);
  if (row === null) return null;
  const since = monthStart(clock.nowMs());
  const { totalPico } = await sumAutomatic(database, { tenantId, since });
  return {
    isOn: row.isOn,
    threshold: formatAmount(row.thresholdPico),
    amount: formatAmount(row.amountPico),
    monthlyCap: formatAmount(row.monthlyCapPico),
    problem: row.problem,
    spentThisMonth: formatAmount(totalPico),
  };
}

/** Raises `payment.amount_invalid` and, where nothing is saved that could be charged, `payment.method_missing`. */
export async function setAuto(
  parts: PaymentParts,
  tenantId: string,
  wish: AutoTopUpSet,
): Promise<void> {
  const { database, clock, settings } = parts;
  const thresholdPico = parseAmount(wish.threshold);
  const amountPico = parseAmount(wish.amount);
  const monthlyCapPico = parseAmount(wish.monthlyCap);
  toMinorUnits(amountPico, await readCurrency(database, tenantId));
  const { leastPico, mostPico } = await settings.read();
  if (amountPico < leastPico || amountPico > mostPico || monthlyCapPico < amountPico) {
    throw fail(
      'payment.amount_invalid',
      `An automatic top-up is from ${formatAmount(leastPico)} to ${formatAmount(mostPico)}, and its cap is not below it.`,
      { param: 'amount' },
    );
  }
  if ((await selectMethod(database, { tenantId, adapter: 'stripe' })) === null) {
    throw fail(
      'payment.method_missing',
      'No means of payment is saved. Pay once and keep it for automatic top-ups.',
    );
  }
  const { isOn = true } = wish;
  const now = new Date(clock.nowMs());
  await upsertAuto(database, { tenantId, isOn, thresholdPico, amountPico, monthlyCapPico, now });
}

/** One round; says how many were charged. */
export async function runAutoTopUps(parts: PaymentParts): Promise<number> {
  const { database, clock, log } = parts;
  const before = new Date(clock.nowMs() - PAUSE_MS);
  let charged = 0;
  const each = async (tenantId: string, work: () => Promise<boolean>): Promise<void> => {
    try {
      if (await work()) charged += 1;
    } catch (error) {
      // Nothing is lost: the charge carries the payment's id, and a later round asks again.
      log.warn('auto_top_up.failed', { tenantId, error });
    }
  };
  for (const row of await selectAllUnanswered(database, { before, limit: AT_ONCE_MAX })) {
    await each(row.tenantId, () => chargeAgain(parts, row));
  }
  for (const { tenantId } of await selectAllAutoDue(database, {
    triedBefore: before,
    limit: AT_ONCE_MAX,
  })) {
    await each(tenantId, async () => {
      const row = await begin(parts, tenantId);
      return row !== null && charge(parts, row);
    });
  }
  return charged;
}

/** The same charge under the same key, for as long as Stripe remembers keys; then it is given up. */
async function chargeAgain(parts: PaymentParts, row: PaymentRow): Promise<boolean> {
  const { booking, clock, database } = parts;
  const nowMs = clock.nowMs();
  if (row.createdAt.getTime() > nowMs - ASKED_FOR_MS) return charge(parts, row);
  await transaction(database, async (tx) => {
    const locked = await lockPayment(tx, row);
    if (locked !== null)
      await bookFacts(booking, tx, locked, { facts: [{ kind: 'expired' }], nowMs });
  });
  return false;
}

async function charge(
  parts: PaymentParts,
  row: Pick<PaymentRow, 'tenantId' | 'id' | 'expectedPico' | 'currency'>,
): Promise<boolean> {
  const { booking, clock, database, settings, publicUrl } = parts;
  const { tenantId, id: paymentId, currency, expectedPico: amountPico } = row;
  const method = await selectMethod(database, { tenantId, adapter: 'stripe' });
  const port = await settings.port('stripe');
  const order = { paymentId, tenantId, currency, amountPico, label: 'Automatic top-up' };
  const ways = { returnUrl: publicUrl, savesMethod: false, customerId: method?.customerId ?? null };
  const { facts, externalPaymentId } =
    method === null ? NOTHING_TO_CHARGE : await port.charge({ ...order, ...ways }, method);
  await transaction(database, async (tx) => {
    const locked = await lockPayment(tx, { tenantId, id: paymentId });
    if (locked === null) return;
    const nowMs = clock.nowMs();
    const known = externalPaymentId === null ? {} : { externalPaymentId };
    const after = await bookFacts(booking, tx, locked, { facts, nowMs, known });
    if (after.state !== 'failed') return;
    const problem = method === null ? 'no saved means of payment' : 'declined';
    await markTried(tx, { tenantId, isOn: false, problem, now: new Date(nowMs) });
    const auto = await lockAuto(tx, tenantId);
    if (auto !== null) await tellFailed(parts, tx, { ...auto, currency }, problem);
  });
  return true;
}

/** Under the lock of its row: below the threshold, within the cap, and nothing under way. */
async function begin(
  { database, clock, ledger }: PaymentParts,
  tenantId: string,
): Promise<NewPayment | null> {
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  const balance = await ledger.balance(tenantId);
  return transaction(database, async (tx) => {
    const auto = await lockAuto(tx, tenantId);
    if (auto === null || !auto.isOn) return null;
    if (auto.triedAt !== null && auto.triedAt.getTime() > nowMs - PAUSE_MS) return null;
    if (parseAmount(balance.balance) >= auto.thresholdPico) return null;
    const { totalPico, open } = await sumAutomatic(tx, { tenantId, since: monthStart(nowMs) });
    if (totalPico + auto.amountPico > auto.monthlyCapPico || open > 0) return null;
    const row: NewPayment = {
      tenantId,
      id: createId('pay', nowMs),
      adapter: 'stripe',
      purpose: 'top_up',
      invoiceId: null,
      currency: balance.currency,
      expectedPico: auto.amountPico,
      isAutomatic: true,
      savesMethod: false,
      reference: '',
      receivedOn: null,
      idempotencyKey: null,
      createdAt: now,
    };
    await insertPayment(tx, row);
    await markTried(tx, { tenantId, isOn: true, problem: null, now });
    return row;
  });
}

async function tellFailed(
  parts: PaymentParts,
  tx: Parameters<typeof markTried>[0],
  auto: AutoRow & Readonly<{ currency: string }>,
  problem: string,
): Promise<void> {
  await parts.notices.send(tx, {
    tenantId: auto.tenantId,
    kind: 'top_up.failed',
    data: {
      threshold: formatAmount(auto.thresholdPico),
      amount: formatAmount(auto.amountPico),
      currency: auto.currency,
      problem,
    },
  });
}

function monthStart(nowMs: number): Date {
  const now = new Date(nowMs);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
}
