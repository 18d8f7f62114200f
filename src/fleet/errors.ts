/** The fleet's errors, shown to people who deploy models. */
import { defineErrors } from '#platform/error.ts';

export const failFleet = defineErrors({
  'deployment.unknown': { status: 404 },
  'deployment.model_unknown': { status: 404 },
  'deployment.revision_unknown': { status: 404 },
  'deployment.weights_missing': { status: 400 },
  'deployment.replicas_invalid': { status: 400 },
  'deployment.context_too_long': { status: 400 },
  'deployment.base_url_missing': { status: 400 },
  'deployment.base_url_refused': { status: 403 },
  'deployment.name_taken': { status: 409 },
  'deployment.too_many': { status: 409 },
  'deployment.query_invalid': { status: 400 },
  'blob.wrong_content': { status: 502, retryable: true },
  'blob.unavailable': { status: 502, retryable: true },
  'control.refused': { status: 502, retryable: true },
});
