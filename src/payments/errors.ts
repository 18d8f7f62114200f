/** Everything that payments are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'payment.unknown': { status: 404 },
  'payment.invoice_unknown': { status: 404 },
  'payment.amount_invalid': { status: 400 },
  'payment.key_reused': { status: 409 },
  'payment.adapter_off': { status: 409 },
  'payment.method_missing': { status: 409 },
  'payment.not_refundable': { status: 409 },
  'payment.not_quarantined': { status: 409 },
  'payment.not_recordable': { status: 409 },
  'payment.settings_invalid': { status: 400 },
  'payment.signature_invalid': { status: 400 },
  'payment.provider_refused': { status: 502 },
  'payment.provider_unreachable': { status: 502, retryable: true },
});
