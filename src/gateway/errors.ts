/**
 * The gateway's errors. Codes are those of OpenAI's dialect where it has one, because callers'
 * programs match on them; each wire turns them into its own shape.
 */
import { defineErrors } from '#platform/error.ts';

export const failRequest = defineErrors({
  invalid_json: { status: 400 },
  invalid_value: { status: 400 },
  previous_response_not_found: { status: 400 },
  task_not_cancelable: { status: 400 },
  missing_api_key: { status: 401 },
  invalid_api_key: { status: 401 },
  api_key_expired: { status: 401 },
  insufficient_quota: { status: 402 },
  free_quota_exhausted: { status: 403 },
  permission_denied: { status: 403 },
  tenant_suspended: { status: 403 },
  model_not_allowed: { status: 403 },
  /** It has a price, and none in the currency of who asks. */
  model_not_priced: { status: 403 },
  region_not_allowed: { status: 403 },
  address_not_allowed: { status: 403 },
  model_not_found: { status: 404 },
  response_not_found: { status: 404 },
  unknown_url: { status: 404 },
  method_not_allowed: { status: 405 },
  request_timeout: { status: 408, retryable: true },
  request_too_large: { status: 413 },
  unsupported_encoding: { status: 415 },
  provider_rate_limited: { status: 429, retryable: true },
  rate_limit_exceeded: { status: 429, retryable: true },
  tokens_rate_limit_exceeded: { status: 429, retryable: true },
  /** A plan that blocks, until its window begins anew. */
  plan_exhausted: { status: 429, retryable: true },
  slow_down: { status: 429, retryable: true },
  task_limit_reached: { status: 429, retryable: true },
  queue_wait_too_long: { status: 429, retryable: true },
  unsupported_operation: { status: 501 },
  provider_key_refused: { status: 502 },
  provider_out_of_credit: { status: 502 },
  provider_address_denied: { status: 502 },
  upstream_failed: { status: 502, retryable: true },
  upstream_invalid: { status: 502, retryable: true },
  upstream_truncated: { status: 502, retryable: true },
  upstream_runaway: { status: 502 },
  control_unavailable: { status: 503, retryable: true },
  journal_unavailable: { status: 503, retryable: true },
  model_not_ready: { status: 503, retryable: true },
  provider_unavailable: { status: 503, retryable: true },
  server_is_overloaded: { status: 503, retryable: true },
  server_stopping: { status: 503, retryable: true },
  /** RFC 9111 section 5.2.1.7. */
  not_cached: { status: 504 },
  upstream_timeout: { status: 504, retryable: true },
});

export type RequestErrorCode = Parameters<typeof failRequest>[0];

export function callerLeft(): ReturnType<typeof failRequest> {
  return failRequest('request_timeout', 'The caller left.');
}
