/** Everything pricing refuses, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'price.below_pico': { status: 400 },
  'price.negative': { status: 400 },
  'price.too_large': { status: 400 },
  'price.in_past': { status: 400 },
  'price.exists': { status: 409 },
  'price.model_unknown': { status: 404 },
});
