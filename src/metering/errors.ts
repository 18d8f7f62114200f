/** Everything metering refuses, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'journal.unwritable': { status: 503, retryable: true },
  'journal.full': { status: 503, retryable: true },
  'journal.foreign_file': { status: 500 },
  'journal.record_too_large': { status: 500 },
  'journal.stopped': { status: 500 },
  'usage.recorded_meanwhile': { status: 503, retryable: true },
  'usage.range_invalid': { status: 400 },
  'usage.unknown': { status: 404 },
  'usage.cursor_invalid': { status: 400 },
});
