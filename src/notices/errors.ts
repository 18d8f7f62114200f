/** Everything that notices and webhooks are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'notice.invalid': { status: 500 },
  'webhook.unknown': { status: 404 },
  'webhook.delivery_unknown': { status: 404 },
  'webhook.too_many': { status: 409 },
  'webhook.url_invalid': { status: 400 },
  'webhook.address_denied': { status: 400 },
  'webhook.private_denied': { status: 403 },
});
