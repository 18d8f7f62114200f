/** Everything about authors' shares that is refused, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'author.month_invalid': { status: 400 },
  'author.unknown': { status: 404 },
  'share.model_unknown': { status: 404 },
  'share.in_past': { status: 400 },
  'share.default_incomplete': { status: 400 },
  'share.exists': { status: 409 },
  'payout.amount_invalid': { status: 400 },
  'payout.more_than_payable': { status: 409 },
  'payout.key_reused': { status: 409 },
  'payout.unknown': { status: 404 },
  'payout.reversed': { status: 409 },
});
