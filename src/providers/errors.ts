/** Everything that external providers are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'provider.unknown': { status: 404 },
  'provider.model_unknown': { status: 404 },
  'provider.name_taken': { status: 409 },
  'provider.too_many': { status: 409 },
  'provider.url_invalid': { status: 400 },
  'provider.address_denied': { status: 400 },
  'provider.key_invalid': { status: 400 },
  'provider.key_unreadable': { status: 500 },
  'provider.key_refused': { status: 502 },
  'provider.out_of_credit': { status: 502 },
  'provider.busy': { status: 503, retryable: true },
  'provider.unreachable': { status: 502, retryable: true },
  'provider.answer_invalid': { status: 502 },
  'provider.public_denied': { status: 403 },
  'provider.cost_denied': { status: 403 },
  'provider.cost_exists': { status: 409 },
  'provider.cost_incomplete': { status: 400 },
  'provider.cost_monthly': { status: 400 },
});
