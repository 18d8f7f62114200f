/**
 * Credit notes: the only way an issued invoice is corrected. A note is for a part of an invoice or all of it,
 * never for more than is left; its money goes back to the balance, where it pays what is owed first. One key
 * makes one note.
 */
import { createHash } from 'node:crypto';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import type { BillingParts } from './billing-ports.ts';
import {
  type CreditNoteDocument,
  type InvoiceDocument,
  invoiceDocumentSchema,
  serialize,
} from './document.ts';
import { fail } from './errors.ts';
import { type StoredInvoice, lockInvoice, selectInvoice, updateInvoice } from './invoice-store.ts';
import { type StoredNote, insertNote, selectNoteByKey } from './note-store.ts';
import { formatNumber, seriesOf } from './number.ts';
import { dateAt } from './period.ts';
import { takePosition } from './period-store.ts';
import { coinPico, divideHalfEven, formatCoins } from './rounding.ts';
import { settleTenant } from './settle.ts';
import { mergePostings, takeBack } from './shares.ts';
import { noticeOf } from './tell.ts';

export type NewCreditNote = Readonly<{
  /** Null credits all that is left, which voids an invoice that was not paid. */
  amountPico: bigint | null;
  reason: string;
  idempotencyKey: string;
  createdBy: string | null;
}>;

/**
 * Raises `invoice.unknown`, `credit_note.too_large`, `credit_note.amount_invalid`, `credit_note.key_reused`,
 * `invoice.state_wrong`.
 */
export async function createCreditNote(
  parts: BillingParts,
  invoiceId: string,
  wish: NewCreditNote,
): Promise<StoredNote> {
  return transaction(parts.database, async (tx) => {
    const found = await selectInvoice(tx, { tenantId: null, id: invoiceId });
    if (found === null) throw fail('invoice.unknown', `There is no invoice ${invoiceId}.`);
    const { tenantId, currency } = found;
    const credit = tenantCredit(tenantId, currency);
    // The balance first, as everywhere.
    await parts.ledger.leases.payable(tx, { accounts: [credit], leaseIds: [] });
    const invoice = (await lockInvoice(tx, found)) ?? found;
    const before = await selectNoteByKey(tx, { tenantId, idempotencyKey: wish.idempotencyKey });
    if (before !== null) return repeated(before, invoice, wish);
    const note = await issue(tx, parts, { invoice, wish });
    await settleTenant(tx, parts, tenantId);
    return note;
  });
}

async function issue(
  tx: Database,
  parts: BillingParts,
  { invoice, wish }: Readonly<{ invoice: StoredInvoice; wish: NewCreditNote }>,
): Promise<StoredNote> {
  const { tenantId, currency, number: invoiceNumber } = invoice;
  const paper = readInvoiceDocument(invoice);
  const totalPico = amountOf(invoice, paper, wish);
  const taxPico = taxOf(invoice, paper, totalPico);
  const nowMs = parts.clock.nowMs();
  const issuedOn = dateAt(nowMs, paper.period.timeZone);
  const series = seriesOf('credit_note', issuedOn);
  const number = formatNumber(series, await takePosition(tx, series));
  const creditedPico = invoice.creditedPico + totalPico;
  const shared = await takeBack(tx, parts, { invoice, creditedPico, noteNumber: number });
  const { entryId } = await parts.ledger.post(tx, {
    key: `credit_note/${tenantId}/${wish.idempotencyKey}`,
    kind: 'credit_note',
    reference: { number, invoice: invoiceNumber },
    effectiveAtMs: nowMs,
    postings: mergePostings([
      { account: tenantCredit(tenantId, currency), amountPico: totalPico },
      { account: platformAccount('revenue', currency), amountPico: taxPico - totalPico },
      { account: platformAccount('tax', currency), amountPico: -taxPico },
      ...shared,
    ]),
  });
  const document = serialize(noteDocument({ paper, number, issuedOn, totalPico, taxPico, wish }));
  const note = {
    tenantId,
    id: createId('crn', nowMs),
    number,
    invoiceId: invoice.id,
    totalPico,
    taxPico,
    issuedAtMs: nowMs,
    entryId,
    document,
  };
  const sha256 = createHash('sha256').update(document).digest();
  const { idempotencyKey, createdBy } = wish;
  await insertNote(tx, { ...note, idempotencyKey, createdBy, sha256 });
  const isVoid = creditedPico === invoice.totalPico && invoice.state !== 'paid';
  const leftPico = invoice.totalPico - creditedPico - invoice.writtenOffPico;
  await updateInvoice(tx, {
    ...invoice,
    creditedPico,
    outstandingPico: smaller(invoice.outstandingPico, isVoid ? 0n : leftPico),
    ...(isVoid ? { state: 'void', dunning: null } : {}),
  });
  const told = noticeOf('credit_note.issued', invoice, { key: `issued/${note.id}` });
  const amount = formatCoins(totalPico, paper.minorDigits);
  const data = { ...told.data, number, invoiceNumber, creditNoteId: note.id, amount };
  await parts.notices.send(tx, { ...told, data: { ...data, reason: wish.reason } });
  if (isVoid) {
    await parts.notices.send(tx, noticeOf('invoice.voided', invoice, { key: invoice.id }));
  }
  return note;
}

/** The paper of an invoice, as it was kept. */
export function readInvoiceDocument(invoice: Pick<StoredInvoice, 'document'>): InvoiceDocument {
  return invoiceDocumentSchema.parse(JSON.parse(invoice.document));
}

function repeated(before: StoredNote, invoice: StoredInvoice, wish: NewCreditNote): StoredNote {
  const isSame =
    before.invoiceId === invoice.id &&
    (wish.amountPico === null || wish.amountPico === before.totalPico);
  if (isSame) return before;
  throw fail('credit_note.key_reused', 'This key made another credit note before.', {
    param: 'idempotencyKey',
  });
}

function amountOf(invoice: StoredInvoice, paper: InvoiceDocument, wish: NewCreditNote): bigint {
  if (invoice.state === 'uncollectible' || invoice.state === 'void') {
    throw fail('invoice.state_wrong', `An invoice that is ${invoice.state} is not credited.`);
  }
  const leftPico = invoice.totalPico - invoice.creditedPico - invoice.writtenOffPico;
  const amountPico = wish.amountPico ?? leftPico;
  if (amountPico <= 0n || amountPico % coinPico(paper.minorDigits) !== 0n) {
    throw fail('credit_note.amount_invalid', 'A credit note is over whole coins, above zero.', {
      param: 'amount',
    });
  }
  if (amountPico > leftPico) {
    const left = formatCoins(leftPico, paper.minorDigits);
    throw fail('credit_note.too_large', `${left} ${paper.currency} of the invoice are left.`, {
      param: 'amount',
    });
  }
  return amountPico;
}

/** Its share of the invoice's tax; the last note takes what is left of it, so that none remains. */
function taxOf(invoice: StoredInvoice, paper: InvoiceDocument, amountPico: bigint): bigint {
  if (invoice.totalPico === 0n) return 0n;
  const coin = coinPico(paper.minorDigits);
  const upTo = (creditedPico: bigint): bigint =>
    divideHalfEven((invoice.taxPico / coin) * creditedPico, invoice.totalPico) * coin;
  return upTo(invoice.creditedPico + amountPico) - upTo(invoice.creditedPico);
}

function noteDocument(
  of: Readonly<{
    paper: InvoiceDocument;
    number: string;
    issuedOn: string;
    totalPico: bigint;
    taxPico: bigint;
    wish: NewCreditNote;
  }>,
): CreditNoteDocument {
  const { paper, number, issuedOn, totalPico, taxPico, wish } = of;
  const coins = (pico: bigint): string => formatCoins(pico, paper.minorDigits);
  return {
    kind: 'credit_note',
    number,
    invoiceNumber: paper.number,
    issuedOn,
    currency: paper.currency,
    minorDigits: paper.minorDigits,
    language: paper.language,
    seller: paper.seller,
    buyer: paper.buyer,
    reason: wish.reason,
    net: coins(totalPico - taxPico),
    tax: paper.tax === null ? null : { ...paper.tax, amount: coins(taxPico) },
    total: coins(totalPico),
  };
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
