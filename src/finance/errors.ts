/** Everything reports refuse, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'finance.range_invalid': { status: 400 },
  'finance.filter_invalid': { status: 400 },
  'finance.tenant_unknown': { status: 404 },
});
