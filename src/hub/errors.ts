/** The hub's errors: of models, of weights, and of imports. */
import { defineErrors } from '#platform/error.ts';

export const failHub = defineErrors({
  'model.unknown': { status: 404 },
  'model.name_invalid': { status: 400 },
  'model.name_taken': { status: 409 },
  'model.deployed': { status: 409 },
  'model.not_yours': { status: 403 },
  'revision.unknown': { status: 404 },
  'file.unknown': { status: 404 },
  'blob.unknown': { status: 404 },
  'blob.range_invalid': { status: 416 },
  'list.cursor_invalid': { status: 400 },
  'list.sort_unknown': { status: 400 },
  'hub.asked_too_often': { status: 429, retryable: true },
  'hub.face_missing': { status: 404 },
});

export const failWeights = defineErrors({
  'weights.empty': { status: 422 },
  'weights.truncated': { status: 422 },
  'weights.foreign': { status: 422 },
  'weights.corrupt': { status: 422 },
  'weights.unsupported': { status: 422 },
  'weights.missing': { status: 422 },
  'weights.ambiguous': { status: 422 },
  'weights.base_missing': { status: 409 },
});
export type WeightsErrorCode = Parameters<typeof failWeights>[0];

export const failImport = defineErrors({
  'import.unknown': { status: 404 },
  'import.finished': { status: 409 },
  'import.cancelled': { status: 409 },
  'import.too_many': { status: 429, retryable: true },
  'import.too_large': { status: 413 },
  'import.source_invalid': { status: 400 },
  'import.source_missing': { status: 404 },
  'import.source_denied': { status: 403 },
  'import.source_failed': { status: 502, retryable: true },
  'import.source_refused': { status: 502 },
  'import.source_changed': { status: 502, retryable: true },
  'import.local_denied': { status: 403 },
  'import.address_denied': { status: 403 },
  'import.path_invalid': { status: 422 },
  'import.checksum_mismatch': { status: 422 },
});
