/** Every way tenancy can refuse. Messages are written where they are thrown. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'request.invalid': { status: 400 },
  'auth.missing': { status: 401 },
  'auth.credentials_wrong': { status: 401 },
  'auth.key_invalid': { status: 401 },
  'auth.too_many_attempts': { status: 429, retryable: true },
  'auth.cross_site': { status: 403 },
  'access.denied': { status: 403 },
  'tenant.not_member': { status: 403 },
  'tenant.suspended': { status: 403 },
  'tenant.unknown': { status: 404 },
  'tenant.operator_fixed': { status: 409 },
  'project.unknown': { status: 404 },
  'project.exists': { status: 409 },
  'project.too_many': { status: 409 },
  'member.unknown': { status: 404 },
  'member.exists': { status: 409 },
  'member.account_exists': { status: 409 },
  'member.last_owner': { status: 409 },
  'member.too_many': { status: 409 },
  'key.unknown': { status: 404 },
  'key.expiry_past': { status: 400 },
  'key.too_many': { status: 409 },
  'first_run.unreadable': { status: 500 },
});
