/** Everything that budgets are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'budget.unknown': { status: 404 },
  'budget.scope_unknown': { status: 404 },
  'budget.time_zone_invalid': { status: 400 },
  'budget.amount_invalid': { status: 400 },
  'budget.stop_impossible': { status: 400 },
  'budget.too_many': { status: 409 },
  'tag.too_many': { status: 409 },
});
