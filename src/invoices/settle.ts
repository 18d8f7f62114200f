/**
 * Brings what is owed on invoices into line with the ledger: after a payment, a credit note and a close, and
 * from time to time. The balance alone decides; nothing is counted twice, because nothing is counted here.
 * What a tenant was kept from because it owed is lifted in the same transaction.
 */
import type { Database } from '#platform/database.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import { sum } from '#ledger/money.ts';
import {
  type BillingAccount,
  addReceivable,
  holdAccount,
  selectAccount,
  updateRestriction,
} from './account-store.ts';
import type { BillingParts } from './billing-ports.ts';
import { type DunningAction, stepReached, strictest } from './dunning.ts';
import { type StoredInvoice, lockPayable, updateInvoice } from './invoice-store.ts';
import { selectFrozenFromMs } from './period-store.ts';
import { formatCoins, minorDigitsOf } from './rounding.ts';
import { distribute, owedPico } from './settlement.ts';
import { noticeOf } from './tell.ts';

type SettleParts = Omit<BillingParts, 'database' | 'log'>;

/** Usage that is on its way may be dated a little after now. */
const END_OF_TIME_MS = Date.UTC(2100, 0);

/** Raises nothing of its own: a tenant without a billing account owes nothing. */
export async function settleTenant(
  tx: Database,
  parts: SettleParts,
  tenantId: string,
): Promise<void> {
  const known = await selectAccount(tx, tenantId);
  if (known === null || known.tenantKind === 'operator') return;
  const credit = tenantCredit(tenantId, known.currency);
  // First the balance, then the account, then invoices: whoever pays has the balance locked already.
  const { accounts } = await parts.ledger.leases.payable(tx, { accounts: [credit], leaseIds: [] });
  const held = (await holdAccount(tx, tenantId)) ?? known;
  const { account, balance } = await collect(tx, parts, {
    account: held,
    balance: accounts.get(credit.id) ?? NO_MONEY,
  });
  const invoices = await lockPayable(tx, { tenantId, currency: account.currency });
  const unbilledPico = invoices.length === 0 ? 0n : await unbilled(tx, parts, account);
  const owed = owedPico({
    balancePico: balance.balancePico,
    unbilledPico,
    receivablePico: account.receivablePico,
  });
  const open = distribute(
    invoices.map((invoice) => ({
      payablePico: invoice.totalPico - invoice.creditedPico - invoice.writtenOffPico,
      namedPico: invoice.namedPico,
    })),
    owed,
  );
  const nowMs = parts.clock.nowMs();
  const settled: StoredInvoice[] = [];
  for (const [index, invoice] of invoices.entries()) {
    settled.push(await applyOne(tx, parts, { invoice, outstandingPico: open[index] ?? 0n, nowMs }));
  }
  await restrict(tx, parts, { account, invoices: settled, nowMs });
}

/** Takes what could not be taken from the balance before, as far as there is money now. */
async function collect(
  tx: Database,
  parts: SettleParts,
  { account, balance }: Readonly<{ account: BillingAccount; balance: AccountState }>,
) {
  const { tenantId, currency } = account;
  const credit = tenantCredit(tenantId, currency);
  const freePico = balance.balancePico - balance.heldPico;
  const takenPico = smaller(freePico > 0n ? freePico : 0n, account.receivablePico);
  if (takenPico === 0n) return { account, balance };
  const leftPico = account.receivablePico - takenPico;
  const nowMs = parts.clock.nowMs();
  await parts.ledger.post(tx, {
    key: `receivable/${tenantId}/${nowMs}/${leftPico}`,
    kind: 'receivable',
    reference: {},
    effectiveAtMs: nowMs,
    postings: [
      { account: credit, amountPico: -takenPico },
      { account: receivableOf(tenantId, currency), amountPico: takenPico },
    ],
  });
  await addReceivable(tx, { tenantId, amountPico: -takenPico });
  return {
    account: { ...account, receivablePico: leftPico },
    balance: { ...balance, balancePico: balance.balancePico - takenPico },
  };
}

type AccountState = Readonly<{
  balancePico: bigint;
  heldPico: bigint;
  floorPico: bigint | null;
}>;

const NO_MONEY: AccountState = { balancePico: 0n, heldPico: 0n, floorPico: 0n };

/** The platform's side of what one tenant owes beyond its balance. */
export function receivableOf(tenantId: string, currency: string) {
  const account = platformAccount('receivable', currency);
  return { ...account, id: `platform/receivable/${tenantId}/${currency}` };
}

/** What was drawn in cash and is on no invoice yet: it is in the balance already. */
async function unbilled(
  tx: Database,
  { lines, purchases }: SettleParts,
  account: BillingAccount,
): Promise<bigint> {
  const span = {
    tenantId: account.tenantId,
    currency: account.currency,
    // A period that is frozen and has no invoice yet is not due either.
    fromMs: (await selectFrozenFromMs(tx, account.tenantId)) ?? account.closed?.toMs ?? 0,
    toMs: END_OF_TIME_MS,
  };
  const sources = await lines.sources(tx, span);
  const bought = await purchases.bought(tx, span);
  const cash = sources.filter(({ source }) => source === 'cash');
  return sum([...cash, ...bought].map(({ amountPico }) => amountPico));
}

async function applyOne(
  tx: Database,
  { notices }: SettleParts,
  request: Readonly<{ invoice: StoredInvoice; outstandingPico: bigint; nowMs: number }>,
): Promise<StoredInvoice> {
  const { invoice, outstandingPico, nowMs } = request;
  const isPaid = outstandingPico === 0n;
  const next: StoredInvoice = {
    ...invoice,
    outstandingPico,
    state: isPaid ? 'paid' : 'open',
    paidAtMs: isPaid ? (invoice.paidAtMs ?? nowMs) : null,
    dunning: isPaid ? null : invoice.dunning,
  };
  if (next.state === invoice.state && next.outstandingPico === invoice.outstandingPico)
    return invoice;
  await updateInvoice(tx, next);
  if (isPaid && invoice.state === 'open') {
    await notices.send(
      tx,
      noticeOf('invoice.paid', invoice, { key: `paid/${invoice.id}/${nowMs}` }),
    );
  }
  return next;
}

/** The strictest step that an open invoice has reached holds; each is told once. */
async function restrict(
  tx: Database,
  { notices }: SettleParts,
  request: Readonly<{
    account: BillingAccount;
    invoices: readonly StoredInvoice[];
    nowMs: number;
  }>,
): Promise<void> {
  const { account, invoices, nowMs } = request;
  const steps: (DunningAction | null)[] = [];
  for (const invoice of invoices) {
    if (invoice.state !== 'open') continue;
    const step = stepReached(account.dunning, invoice, nowMs);
    steps.push(step);
    if (step === invoice.dunning) continue;
    await updateInvoice(tx, { ...invoice, dunning: step });
    if (step === null) continue;
    const key = `overdue/${invoice.id}/${step}`;
    await notices.send(tx, noticeOf('invoice.overdue', invoice, { key }));
  }
  const restriction = strictest(steps);
  if (restriction === account.restriction) return;
  const { tenantId } = account;
  await updateRestriction(tx, { tenantId, restriction });
  const owed = sum(invoices.map(({ outstandingPico }) => outstandingPico));
  await notices.send(tx, {
    tenantId,
    kind: KIND_OF_STEP[restriction ?? 'none'],
    key: `${restriction ?? 'none'}/${nowMs}`,
    data: {
      amount: formatCoins(owed, minorDigitsOf(account.currency)),
      currency: account.currency,
      reason: invoices
        .filter(({ state }) => state === 'open')
        .map(({ number }) => number)
        .join(', '),
    },
  });
}

const KIND_OF_STEP = {
  warn: 'tenant.warned',
  restrict: 'tenant.restricted',
  stop: 'tenant.stopped',
  none: 'tenant.restored',
} as const;

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
