/** Everything that invoices refuse, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'invoice.unknown': { status: 404 },
  'invoice.line_unknown': { status: 404 },
  'invoice.tenant_unknown': { status: 404 },
  'invoice.period_invalid': { status: 400 },
  /** It has not ended, or what is on its way still has time to come. */
  'invoice.period_open': { status: 409, retryable: true },
  'invoice.nothing_to_bill': { status: 404 },
  /** Lines, calls and postings are not the same: a person must look before anything is issued. */
  'invoice.books_differ': { status: 500 },
  'invoice.terms_invalid': { status: 400 },
  'invoice.tax_in_closed_period': { status: 409 },
  'invoice.state_wrong': { status: 409 },
  'invoice.format_unknown': { status: 400 },
  'credit_note.unknown': { status: 404 },
  'credit_note.too_large': { status: 409 },
  'credit_note.amount_invalid': { status: 400 },
  'credit_note.key_reused': { status: 409 },
});
