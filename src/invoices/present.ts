/** Invoices and notes as they cross the wire. Pure. */
import type { CreditNote, Invoice } from './api.ts';
import { creditNoteDocumentSchema, type CreditNoteDocument } from './document.ts';
import { readInvoiceDocument } from './credit-notes.ts';
import type { StoredInvoice } from './invoice-store.ts';
import type { StoredNote } from './note-store.ts';
import { formatCoins, minorDigitsOf } from './rounding.ts';

export function presentInvoice(invoice: StoredInvoice, nowMs: number): Invoice {
  const coins = (pico: bigint): string => formatCoins(pico, minorDigitsOf(invoice.currency));
  const { issuedOn, dueOn } = readInvoiceDocument(invoice);
  const { id, number, tenantId, tenantName, currency, state, dunning } = invoice;
  return {
    id,
    number,
    tenantId,
    tenantName,
    period: invoice.periodLabel,
    currency,
    state,
    total: coins(invoice.totalPico),
    tax: coins(invoice.taxPico),
    credited: coins(invoice.creditedPico),
    outstanding: coins(roundedUp(invoice.outstandingPico, invoice.currency)),
    issuedOn,
    dueOn,
    isOverdue: state === 'open' && invoice.dueAtMs <= nowMs,
    dunning,
    finalizedAt: new Date(invoice.finalizedAtMs).toISOString(),
    paidAt: invoice.paidAtMs === null ? null : new Date(invoice.paidAtMs).toISOString(),
  };
}

/** A balance is exact and may leave less than a coin owed; who pays, pays a whole one. */
export function roundedUp(pico: bigint, currency: string): bigint {
  const coin = 10n ** BigInt(12 - minorDigitsOf(currency));
  return ((pico + coin - 1n) / coin) * coin;
}

export function readNoteDocument(note: Pick<StoredNote, 'document'>): CreditNoteDocument {
  return creditNoteDocumentSchema.parse(JSON.parse(note.document));
}

export function presentNote(note: StoredNote): CreditNote {
  const { currency, total, tax, reason, issuedOn } = readNoteDocument(note);
  const { id, number, invoiceId } = note;
  return { id, number, invoiceId, currency, total, tax: tax?.amount ?? '0', reason, issuedOn };
}
