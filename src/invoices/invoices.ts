/**
 * From usage to paper to payment: terms and tax of each tenant, the monthly close, invoices and credit notes,
 * what is owed and what follows when it is not paid. Owns billing accounts, periods, papers and their numbers.
 * Promises: a period is billed once, by the clock of its tenant; invoiced = rated = posted, or nothing is
 * issued; numbers have no gaps; a paper never changes and comes out with the same bytes each time; what is
 * owed is read from the ledger and nowhere else. Who pays usage is decided in credits; cash comes by payments.
 */
import type { Database } from '#platform/database.ts';
import { selectAccount, selectIsFrozen, selectStopped, shareClosedUntil } from './account-store.ts';
import type {
  BillingProfile,
  BillingTerms,
  BillingTermsUpdate,
  CreditNote,
  Invoice,
  InvoiceDetail,
  InvoiceFormat,
  InvoicePreview,
  Receivables,
} from './api.ts';
import type { BillingParts } from './billing-ports.ts';
import { closePeriod } from './close.ts';
import { type NewCreditNote, createCreditNote, readInvoiceDocument } from './credit-notes.ts';
import { type Download, downloadInvoice, downloadNote, downloadPreview } from './download.ts';
import { fail } from './errors.ts';
import {
  type InvoiceQuery,
  selectInvoice,
  selectInvoices,
  updateInvoice,
} from './invoice-store.ts';
import { selectNote, selectNotes } from './note-store.ts';
import { closesAtMs } from './period.ts';
import { presentInvoice, presentNote, roundedUp } from './present.ts';
import { readReceivables } from './receivables.ts';
import {
  type RequestPage,
  type RequestQuery,
  readOpenStatement,
  readPreviewRequests,
  readRequests,
} from './requests.ts';
import { runRound, startRounds } from './runner.ts';
import { settleTenant } from './settle.ts';
import { changeTerms, readTerms } from './terms.ts';
import { type Verified, verifyInvoices } from './verify.ts';
import { markUncollectible } from './write-off.ts';

/** Null is the operator's view of every tenant. */
export type Scope = string | null;

export type Payment = Readonly<{
  tenantId: string;
  invoiceId: string;
  /** Below zero: given back. */
  amountPico: bigint;
  currency: string;
  paymentId: string;
  paidAtMs: number;
}>;

export type Due = Readonly<{ currency: string; duePico: bigint; number: string }>;

export type Invoices = Readonly<{
  /** Newest first. */
  list: (
    query: Omit<InvoiceQuery, 'overdueAtMs'> & { isOverdue: boolean },
  ) => Promise<readonly Invoice[]>;
  /** By id or number. Raises `invoice.unknown`. */
  show: (scope: Scope, id: string) => Promise<InvoiceDetail>;
  /** What the open period comes to so far. Raises `invoice.tenant_unknown`. */
  preview: (tenantId: string) => Promise<InvoicePreview>;
  /** Newest first, page by page. Raises `invoice.unknown`, `invoice.line_unknown`. */
  requests: (scope: Scope, id: string, query: RequestQuery) => Promise<RequestPage>;
  /** Raises `invoice.tenant_unknown`, `invoice.line_unknown`. */
  previewRequests: (tenantId: string, query: RequestQuery) => Promise<RequestPage>;
  /** Raises `invoice.unknown`. */
  download: (scope: Scope, id: string, format: InvoiceFormat) => Promise<Download>;
  downloadNote: (scope: Scope, id: string, format: InvoiceFormat) => Promise<Download>;
  downloadPreview: (tenantId: string, format: InvoiceFormat) => Promise<Download>;
  /** Raises what `closePeriod` does. */
  close: (
    request: Readonly<{ tenantId: string; label: string | null }>,
  ) => Promise<Readonly<{ label: string; invoice: Invoice | null }>>;
  /** Raises what `createCreditNote` does. */
  credit: (invoiceId: string, wish: NewCreditNote) => Promise<CreditNote>;
  /** Raises `invoice.unknown`, `invoice.state_wrong`. */
  markUncollectible: (invoiceId: string) => Promise<Invoice>;
  terms: (tenantId: string) => Promise<BillingTerms>;
  changeTerms: (
    request: Readonly<{
      tenantId: string;
      change: BillingTermsUpdate | BillingProfile;
      userId: string | null;
    }>,
  ) => Promise<BillingTerms>;
  receivables: () => Promise<Receivables>;
  /** For payments, in the transaction that posts the cash: which invoice it was meant for. */
  settle: (tx: Database, payment: Payment) => Promise<void>;
  /** For payments without an invoice, and whatever else changes a balance: what is owed follows. */
  resettle: (tx: Database, tenantId: string) => Promise<void>;
  /** Null when there is no such invoice of this tenant, or nothing to pay. */
  amountDue: (request: Readonly<{ tenantId: string; invoiceId: string }>) => Promise<Due | null>;
  /** For metering, in the transaction that records usage. */
  closedUntil: (tx: Database, tenantIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** Whether nothing that costs money is admitted: an invoice is long overdue. */
  isFrozen: (tx: Database, tenantId: string) => Promise<boolean>;
  /** Tenants that are refused everything because they do not pay. */
  stopped: () => Promise<readonly string[]>;
  verify: (request?: Readonly<{ tenantId: string | null }>) => Promise<Verified>;
  runRound: () => Promise<number>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

export function createInvoices(parts: BillingParts): Invoices {
  const { database, clock } = parts;
  const show = (scope: Scope, id: string) => readDetail(parts, scope, id);
  return {
    list: async ({ isOverdue, ...query }) => {
      const nowMs = clock.nowMs();
      const overdueAtMs = isOverdue ? nowMs : null;
      const found = await selectInvoices(database, { ...query, overdueAtMs });
      return found.map((invoice) => presentInvoice(invoice, nowMs));
    },
    show,
    preview: (tenantId) => readPreview(parts, tenantId),
    requests: (scope, id, query) => readRequests(parts, { tenantId: scope, id }, query),
    previewRequests: (tenantId, query) => readPreviewRequests(parts, tenantId, query),
    download: async (scope, id, format) => downloadInvoice(await show(scope, id), format),
    downloadNote: async (scope, id, format) => {
      const note = await selectNote(database, { tenantId: scope, id });
      if (note === null) throw fail('credit_note.unknown', `There is no credit note ${id}.`);
      const account = await selectAccount(database, note.tenantId);
      return downloadNote(note, account?.tenantName ?? '', format);
    },
    downloadPreview: async (tenantId, format) => {
      const account = await selectAccount(database, tenantId);
      const { statement } = await readPreview(parts, tenantId);
      return downloadPreview(
        statement,
        { tenantId, tenantName: account?.tenantName ?? '' },
        format,
      );
    },
    close: async (request) => {
      const { label, invoiceId } = await closePeriod(parts, request);
      const { tenantId } = request;
      const invoice = invoiceId === null ? null : await show(tenantId, invoiceId);
      return { label, invoice: invoice === null ? null : withoutDetail(invoice) };
    },
    credit: async (invoiceId, wish) => presentNote(await createCreditNote(parts, invoiceId, wish)),
    markUncollectible: async (invoiceId) => {
      await markUncollectible(parts, invoiceId);
      return withoutDetail(await show(null, invoiceId));
    },
    terms: (tenantId) => readTerms(database, tenantId),
    changeTerms: (request) => changeTerms(parts, request),
    receivables: () => readReceivables(database, clock.nowMs()),
    settle: (tx, payment) => settlePayment(tx, parts, payment),
    resettle: (tx, tenantId) => settleTenant(tx, parts, tenantId),
    amountDue: (request) => readDue(database, request),
    closedUntil: shareClosedUntil,
    isFrozen: selectIsFrozen,
    stopped: () => selectStopped(database),
    verify: (request) => verifyInvoices(parts, request),
    runRound: () => runRound(parts),
    start: () => startRounds(parts),
  };
}

async function readDetail(parts: BillingParts, scope: Scope, id: string): Promise<InvoiceDetail> {
  const { database, clock } = parts;
  const invoice = await selectInvoice(database, { tenantId: scope, id });
  if (invoice === null) throw fail('invoice.unknown', `There is no invoice ${id}.`);
  const at = { tenantId: invoice.tenantId, invoiceId: invoice.id };
  const notes = await selectNotes(database, at);
  return {
    ...presentInvoice(invoice, clock.nowMs()),
    document: readInvoiceDocument(invoice),
    creditNotes: notes.map(presentNote),
  };
}

function withoutDetail({
  document: _document,
  creditNotes: _notes,
  ...invoice
}: InvoiceDetail): Invoice {
  return invoice;
}

async function readPreview(parts: BillingParts, tenantId: string): Promise<InvoicePreview> {
  const statement = await readOpenStatement(parts, tenantId);
  const account = await selectAccount(parts.database, tenantId);
  const toMs = Date.parse(statement.period.to);
  const closesMs = closesAtMs({ toMs }, account?.graceHours ?? 0);
  return { statement, closesAt: new Date(closesMs).toISOString() };
}

/** Marks what was meant for the invoice; the ledger, where the cash is posted already, says what is owed. */
async function settlePayment(tx: Database, parts: BillingParts, payment: Payment): Promise<void> {
  const { tenantId, invoiceId, amountPico } = payment;
  const invoice = await selectInvoice(tx, { tenantId, id: invoiceId });
  if (invoice === null) throw fail('invoice.unknown', `There is no invoice ${invoiceId}.`);
  await updateInvoice(tx, { ...invoice, namedPico: invoice.namedPico + amountPico });
  await settleTenant(tx, parts, tenantId);
}

async function readDue(
  database: Database,
  { tenantId, invoiceId }: Readonly<{ tenantId: string; invoiceId: string }>,
): Promise<Due | null> {
  const invoice = await selectInvoice(database, { tenantId, id: invoiceId });
  if (invoice === null || invoice.state !== 'open') return null;
  const { currency, number, outstandingPico } = invoice;
  return { currency, number, duePico: roundedUp(outstandingPico, currency) };
}
