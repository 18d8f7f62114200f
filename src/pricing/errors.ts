/** Everything pricing refuses, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'price.below_pico': { status: 400 },
  'price.negative': { status: 400 },
  'price.too_large': { status: 400 },
  'price.in_past': { status: 400 },
  'price.exists': { status: 409 },
  'price.model_unknown': { status: 404 },
  'price.terms_missing': { status: 400 },
  'price.dimension_invalid': { status: 400 },
  'price.tiers_invalid': { status: 400 },
  'price.tiers_rise': { status: 400 },
  'price.rate_twice': { status: 400 },
  'price.incomplete': { status: 400 },
  'price.rounds_to_zero': { status: 400 },
  'price.overlaps': { status: 409 },
  'price.approval_required': { status: 403 },
  'price.draft_unknown': { status: 404 },
  'price.draft_closed': { status: 409 },
  'price.draft_changed': { status: 409 },
  'price.draft_empty': { status: 400 },
  'price.approver_wrote_it': { status: 403 },
  'price.approver_unknown': { status: 403 },
  'price.author_unknown': { status: 403 },
  'price.import_refused': { status: 400 },
  'price.range_invalid': { status: 400 },
});
