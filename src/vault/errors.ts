/** Everything the vault can fail with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'secret.unreadable': { status: 500 },
  'master_key.invalid': { status: 500 },
});
