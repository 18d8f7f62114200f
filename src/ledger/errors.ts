/** Everything the ledger refuses, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'ledger.amount_invalid': { status: 400 },
  'ledger.amount_too_large': { status: 400 },
  'ledger.currency_unknown': { status: 400 },
  'ledger.currency_differs': { status: 409 },
  'ledger.time_invalid': { status: 400 },
  'ledger.key_reused': { status: 409 },
  'ledger.unbalanced': { status: 500 },
  'ledger.insufficient_balance': { status: 402 },
  'ledger.tenant_unknown': { status: 404 },
  'ledger.mode_missing': { status: 400 },
  'ledger.lease_unknown': { status: 404 },
  'ledger.entry_unknown': { status: 404 },
});
