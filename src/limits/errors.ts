/** Every way limits can refuse to be set. What callers of models hear is the gateway's. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'limit.network_invalid': { status: 400 },
  'limit.time_zone_invalid': { status: 400 },
  'limit.empty': { status: 400 },
  'limit.not_yours': { status: 403 },
  'limit.unknown': { status: 404 },
  'limit.scope_unknown': { status: 404 },
  'limit.too_many': { status: 409 },
});
