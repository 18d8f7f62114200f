/** What a Xet client, or whoever reads its bytes, can be told. */
import { defineErrors } from '#platform/error.ts';

export const failXet = defineErrors({
  'xet.hash_invalid': { status: 400 },
  'xet.xorb_invalid': { status: 400 },
  'xet.xorb_mismatch': { status: 400 },
  'xet.xorb_too_large': { status: 413 },
  'xet.xorb_unknown': { status: 400 },
  'xet.shard_invalid': { status: 400 },
  'xet.shard_mismatch': { status: 400 },
  'xet.shard_too_large': { status: 413 },
  'xet.chunk_unknown': { status: 404 },
  'xet.file_unknown': { status: 404 },
  'xet.token_missing': { status: 401 },
  'xet.token_invalid': { status: 401 },
  'xet.token_scope': { status: 403 },
  'xet.url_invalid': { status: 403 },
  'xet.data_damaged': { status: 500 },
  'xet.busy': { status: 503, retryable: true },
});
export type XetErrorCode = Parameters<typeof failXet>[0];
