/** From a line of a paper, or from who paid it, to the very requests behind it. */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { formatCursor, parseCursor } from '#metering/event-cursor.ts';
import type { BilledLine, LineCall } from '#metering/line-calls.ts';
import { selectAccount } from './account-store.ts';
import type { InvoiceRequest } from './api.ts';
import type { BillingParts } from './billing-ports.ts';
import { computeStatement, freezeTerms, openPeriodOf } from './close.ts';
import { readInvoiceDocument } from './credit-notes.ts';
import { type InvoiceLine, type StatementDocument, toStatementDocument } from './document.ts';
import { fail } from './errors.ts';
import { selectInvoice } from './invoice-store.ts';
import type { Source } from './usage-lines.ts';

export type RequestQuery = Readonly<{
  /** Of a line of the paper; null for all of it. */
  line: string | null;
  /** Only what this paid for, and its part; null whoever paid. */
  source: Source | null;
  sourceId: string | null;
  cursor: string | null;
  limit: number;
}>;

export type RequestPage = Readonly<{ data: InvoiceRequest[]; nextCursor: string | null }>;

type Paper = Readonly<{ tenantId: string; document: StatementDocument }>;

/** Raises `invoice.unknown`, `invoice.line_unknown`, `usage.cursor_invalid`. */
export async function readRequests(
  parts: BillingParts,
  at: Readonly<{ tenantId: string | null; id: string }>,
  query: RequestQuery,
): Promise<RequestPage> {
  const invoice = await selectInvoice(parts.database, at);
  if (invoice === null) throw fail('invoice.unknown', `There is no invoice ${at.id}.`);
  const { tenantId } = invoice;
  return readPage(parts, { tenantId, document: readInvoiceDocument(invoice) }, query);
}

/** The same for the month that is open. Raises `invoice.tenant_unknown` too. */
export async function readPreviewRequests(
  parts: BillingParts,
  tenantId: string,
  query: RequestQuery,
): Promise<RequestPage> {
  return readPage(parts, { tenantId, document: await readOpenStatement(parts, tenantId) }, query);
}

/** What the open period comes to so far. Raises `invoice.tenant_unknown`. */
export async function readOpenStatement(
  parts: BillingParts,
  tenantId: string,
): Promise<StatementDocument> {
  const account = await selectAccount(parts.database, tenantId);
  if (account === null) throw fail('invoice.tenant_unknown', 'There is no such tenant.');
  const period = openPeriodOf(account);
  const terms = await freezeTerms(parts.database, { account, period });
  const computed = await computeStatement(parts.database, parts, { tenantId, terms, ...period });
  return toStatementDocument({ ...computed, period, terms });
}

async function readPage(
  { calls }: Pick<BillingParts, 'calls'>,
  { tenantId, document }: Paper,
  query: RequestQuery,
): Promise<RequestPage> {
  const { source, sourceId, cursor, limit } = query;
  const line = query.line === null ? null : findLine(document, query.line);
  // Nobody called for a purchase.
  if (line?.kind === 'purchase') return { data: [], nextCursor: null };
  const { currency, period } = document;
  const found = await calls({
    period: { tenantId, currency, fromMs: Date.parse(period.from), toMs: Date.parse(period.to) },
    line: line === null ? null : toBilledLine(line),
    source: source === null ? null : { source, sourceId },
    after: cursor === null ? null : parseCursor(cursor),
    limit,
  });
  const { next } = found;
  const nextCursor =
    next === null
      ? null
      : formatCursor({
          ...next,
          admittedAt: new Date(next.settledAtMs).toISOString(),
          durationMs: 0,
        });
  return { data: found.calls.map(present), nextCursor };
}

function findLine({ lines }: StatementDocument, key: string): InvoiceLine {
  const line = lines.find((each) => each.key === key);
  if (line !== undefined) return line;
  throw fail('invoice.line_unknown', 'The paper has no such line.', { param: 'line' });
}

function toBilledLine(line: InvoiceLine): BilledLine {
  return {
    modelId: line.modelId ?? '',
    modelName: line.model ?? '',
    serviceTier: line.serviceTier ?? '',
    unit: line.unit ?? '',
    direction: line.direction ?? '',
    rate: line.rate ?? '',
    upTo: line.upTo,
    eachPico: parseAmount(line.unitPrice),
    correctionOf: line.correctionOf,
  };
}

function present(call: LineCall): InvoiceRequest {
  const { amountPico, partPico, settledAtMs, billedAtMs, modelId: _model, ...of } = call;
  return {
    ...of,
    amount: formatAmount(amountPico),
    part: formatAmount(partPico),
    settledAt: new Date(settledAtMs).toISOString(),
    billedAt: new Date(billedAtMs).toISOString(),
  };
}
