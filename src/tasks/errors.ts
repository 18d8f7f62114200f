/** The errors of tasks. Gateways turn them into the words of the caller's dialect. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'task.request_invalid': { status: 400 },
  'task.too_many': { status: 429, retryable: true },
  'task.asked_too_often': { status: 429, retryable: true },
});
