/**
 * Money that comes in and goes back: payments through ports (bank transfers that people record, Stripe),
 * top-ups and invoices, refunds, disputes, automatic top-ups. Owns payments and what the other side said
 * of them. Promises that money is posted once whatever comes twice, late or out of order, that money
 * which is not what was asked for is set aside by name, and that no number of a card ever comes here.
 * What an invoice is, and what a balance may be spent on, belongs to others.
 */
import type { Ledger } from '#ledger/ledger.ts';
import { formatAmount } from '#ledger/money.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { ScopeDirectory } from '#tenancy/scope-names.ts';
import type { Vault } from '#vault/vault.ts';
import type {
  AutoTopUpSet,
  Checkout,
  CheckoutCreate,
  Payment,
  PaymentOptions,
  PaymentRecord,
  PaymentStateName,
  RefundCreate,
} from './api.ts';
import { deleteAuto, deleteMethod, selectMethod } from './auto-store.ts';
import { presentAuto, runAutoTopUps, setAuto } from './auto-top-up.ts';
import { type BookingParts, type InvoicePort, type TopUpListener, book } from './booking.ts';
import { openCheckout } from './checkouts.ts';
import { fail } from './errors.ts';
import { receiveEvent } from './events.ts';
import { acceptAsReceived } from './payment.ts';
import type { AdapterName, RawEvent } from './port.ts';
import { presentPayment } from './present.ts';
import { recordTransfer } from './records.ts';
import { selectRefunds } from './refund-store.ts';
import { refundPayment, retryRefunds } from './refunds.ts';
import { type Settings, createSettings } from './settings.ts';
import {
  type PaymentRow,
  expireAllTransfers,
  lockPayment,
  selectOfAnyTenant,
  selectPayment,
  selectPayments,
} from './store.ts';

export type PaymentsOptions = Readonly<{
  database: Database;
  clock: Clock;
  log: Log;
  ledger: Ledger;
  notices: Pick<Notices, 'send'>;
  vault: Vault;
  tenants: Pick<ScopeDirectory, 'tenant'>;
  publicUrl: string;
  invoices?: InvoicePort;
  topUps?: TopUpListener;
}>;

export type PaymentParts = Omit<PaymentsOptions, 'invoices' | 'topUps'> &
  Readonly<{
    invoices: InvoicePort | null;
    settings: Settings;
    booking: BookingParts;
    find: (address: Address) => Promise<PaymentRow>;
  }>;

type Address = Readonly<{ tenantId: string; id: string }>;

export type PaymentQuery = Readonly<{
  /** Null for every tenant's, which is the operator's to ask. */
  tenantId: string | null;
  state: PaymentStateName | null;
  cursor: string | null;
  limit: number;
}>;

export type Payments = Readonly<{
  settings: Pick<Settings, 'present' | 'set'>;
  options: (tenantId: string) => Promise<PaymentOptions>;
  list: (query: PaymentQuery) => Promise<Readonly<{ data: Payment[]; nextCursor: string | null }>>;
  /** `tenantId` null finds anybody's. Raises `payment.unknown`. */
  find: (query: Readonly<{ tenantId: string | null; id: string }>) => Promise<Payment>;
  /** Raises `payment.amount_invalid`, `payment.invoice_unknown`, `payment.adapter_off`, `payment.provider_*`. */
  checkout: (tenantId: string, wish: CheckoutCreate) => Promise<Checkout>;
  /** Raises `payment.unknown`, `payment.invoice_unknown`, `payment.key_reused`, `payment.not_recordable`. */
  record: (record: PaymentRecord) => Promise<Payment>;
  /** Raises `payment.unknown`, `payment.not_refundable`, `payment.key_reused`, `ledger.insufficient_balance`. */
  refund: (id: string, wish: RefundCreate) => Promise<Payment>;
  /** Takes money that was set aside as it came. Raises `payment.unknown`, `payment.not_quarantined`. */
  accept: (id: string) => Promise<Payment>;
  /** A message from outside. Raises `payment.signature_invalid`, `payment.adapter_off`. */
  receive: (adapter: AdapterName, raw: RawEvent) => Promise<void>;
  setAutoTopUp: (tenantId: string, wish: AutoTopUpSet) => Promise<PaymentOptions>;
  removeAutoTopUp: (tenantId: string) => Promise<void>;
  /** Forgets the saved means of payment, and with it automatic top-ups. */
  removeMethod: (tenantId: string) => Promise<void>;
  /** One round of what runs by itself. */
  tick: () => Promise<void>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

const TICK_MS = 15_000;
const EXPIRE_MAX = 500;

export function createPayments(options: PaymentsOptions): Payments {
  const parts = buildParts(options);
  const { database, clock, settings } = parts;
  const present = async (row: PaymentRow): Promise<Payment> => {
    const { tenantId, id } = row;
    return presentPayment(row, await selectRefunds(database, { tenantId, paymentIds: [id] }));
  };
  const ofAnyone = async (id: string): Promise<PaymentRow> => {
    const row = await selectOfAnyTenant(database, { adapter: null, id, externalPaymentId: null });
    return row ?? unknown(id);
  };
  const showOptions = (tenantId: string): Promise<PaymentOptions> => readOptions(parts, tenantId);
  const tick = async (): Promise<void> => {
    await expireAllTransfers(database, { now: new Date(clock.nowMs()), limit: EXPIRE_MAX });
    await retryRefunds(parts);
    await runAutoTopUps(parts);
  };
  return {
    settings,
    options: showOptions,
    list: (query) => listPayments(database, query),
    find: async ({ tenantId, id }) =>
      present(tenantId === null ? await ofAnyone(id) : await parts.find({ tenantId, id })),
    checkout: (tenantId, wish) => openCheckout(parts, tenantId, wish),
    record: async (record) => present(await recordTransfer(parts, record)),
    refund: async (id, wish) => {
      const row = await ofAnyone(id);
      await refundPayment(parts, row, wish);
      return present(await parts.find(row));
    },
    accept: async (id) => present(await acceptPayment(parts, await ofAnyone(id))),
    receive: (adapter, raw) => receiveEvent(parts, adapter, raw),
    setAutoTopUp: async (tenantId, wish) => {
      await setAuto(parts, tenantId, wish);
      return showOptions(tenantId);
    },
    removeAutoTopUp: (tenantId) => deleteAuto(database, tenantId),
    removeMethod: (tenantId) =>
      transaction(database, async (tx) => {
        await deleteAuto(tx, tenantId);
        await deleteMethod(tx, tenantId);
      }),
    tick,
    start: () => startTicking(parts, tick),
  };
}

function buildParts(options: PaymentsOptions): PaymentParts {
  const { database, ledger, notices, invoices = null, topUps = null } = options;
  const settings = createSettings(options);
  const operatorTenantId = async (tx: Database): Promise<string> =>
    (await settings.read(tx)).tenantId;
  return {
    ...options,
    invoices,
    settings,
    booking: { ledger, notices, invoices, topUps, operatorTenantId },
    find: async (address) => (await selectPayment(database, address)) ?? unknown(address.id),
  };
}

function unknown(id: string): never {
  throw fail('payment.unknown', `There is no payment ${id}.`);
}

async function readOptions(parts: PaymentParts, tenantId: string): Promise<PaymentOptions> {
  const { bankDetails, stripeKeyHint, leastPico, mostPico } = await parts.settings.read();
  const method = await selectMethod(parts.database, { tenantId, adapter: 'stripe' });
  const adapters: AdapterName[] = [];
  if (stripeKeyHint !== null) adapters.push('stripe');
  if (bankDetails !== '') adapters.push('manual');
  return {
    currency: await readCurrency(parts.database, tenantId),
    adapters,
    bankDetails: bankDetails === '' ? null : bankDetails,
    least: formatAmount(leastPico),
    most: formatAmount(mostPico),
    savedMethod: method?.label ?? null,
    autoTopUp: await presentAuto(parts, tenantId),
  };
}

async function listPayments(
  database: Database,
  query: PaymentQuery,
): Promise<Readonly<{ data: Payment[]; nextCursor: string | null }>> {
  const rows = await selectPayments(database, query);
  const shown = rows.slice(0, query.limit);
  const data: Payment[] = [];
  const byTenant = Map.groupBy(shown, ({ tenantId }) => tenantId);
  const refunds = new Map<string, Awaited<ReturnType<typeof selectRefunds>>>();
  for (const [tenantId, of] of byTenant) {
    const paymentIds = of.map(({ id }) => id);
    refunds.set(tenantId, await selectRefunds(database, { tenantId, paymentIds }));
  }
  for (const row of shown) {
    const own = (refunds.get(row.tenantId) ?? []).filter(({ paymentId }) => paymentId === row.id);
    data.push(presentPayment(row, own));
  }
  return { data, nextCursor: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null };
}

async function acceptPayment(parts: PaymentParts, address: Address): Promise<PaymentRow> {
  const { booking, clock, database } = parts;
  return transaction(database, async (tx) => {
    const row = (await lockPayment(tx, address)) ?? unknown(address.id);
    if (row.state !== 'quarantined' || row.receivedPico === 0n) {
      throw fail(
        'payment.not_quarantined',
        'Only money that came, in the right currency, and was set aside can be taken as it is.',
      );
    }
    return book(booking, tx, row, { ...row, ...acceptAsReceived(row) }, clock.nowMs());
  });
}

function startTicking(
  { log, settings }: PaymentParts,
  tick: () => Promise<void>,
): Readonly<{ stop: () => Promise<void> }> {
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(tick).catch((error: unknown) => log.warn('payments.tick_failed', { error }));
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
      await settings.stop();
    },
  };
}
