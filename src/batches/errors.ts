/** The errors of files and batches. Callers speak OpenAI's dialect here, so codes are written as it writes them. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  upload_invalid: { status: 400 },
  file_purpose_invalid: { status: 400 },
  file_expiry_invalid: { status: 400 },
  file_not_found: { status: 404 },
  file_in_use: { status: 409 },
  file_too_large: { status: 413 },
  file_storage_full: { status: 413 },
  file_range_invalid: { status: 416 },
  batch_input_invalid: { status: 400 },
  batch_not_found: { status: 404 },
  batch_not_cancellable: { status: 409 },
  batch_too_many: { status: 429, retryable: true },
  batch_key_needed: { status: 401 },
});
