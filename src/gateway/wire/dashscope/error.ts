/**
 * Errors as DashScope says them: `{code, message, request_id}` with its own names on the native paths,
 * and under `/compatible-mode` OpenAI's shape with the names of that page. "Error codes" of Model Studio.
 */
import type { FlywheelError } from '#platform/error.ts';
import { uuidOf } from './request-id.ts';

export type DashScopeError = Readonly<{ code: string; message: string; request_id: string }>;

type Names = Readonly<{ native: string; compatible: string; status?: number }>;

/** By our code first, because a status says less than a code. */
const BY_CODE: Readonly<Record<string, Names>> = {
  missing_api_key: { native: 'InvalidApiKey', compatible: 'invalid_api_key' },
  invalid_api_key: { native: 'InvalidApiKey', compatible: 'invalid_api_key' },
  api_key_expired: { native: 'InvalidApiKey', compatible: 'invalid_api_key' },
  // An account without money is 400 there, and its clients know it by the code.
  insufficient_quota: { native: 'Arrearage', compatible: 'Arrearage', status: 400 },
  // What its free tier and its token plans say when they are used up.
  free_quota_exhausted: {
    native: 'AllocationQuota.FreeTierOnly',
    compatible: 'AllocationQuota.FreeTierOnly',
  },
  plan_exhausted: { native: 'Throttling.AllocationQuota', compatible: 'insufficient_quota' },
  request_too_large: { native: 'BadRequest.TooLarge', compatible: 'request_too_large' },
  model_not_priced: { native: 'Model.AccessDenied', compatible: 'access_denied' },
  model_not_allowed: { native: 'Model.AccessDenied', compatible: 'access_denied' },
  model_not_found: { native: 'ModelNotFound', compatible: 'model_not_found' },
  content_filter: {
    native: 'DataInspectionFailed',
    compatible: 'data_inspection_failed',
    status: 400,
  },
  rate_limit_exceeded: { native: 'Throttling.RateQuota', compatible: 'limit_requests' },
  tokens_rate_limit_exceeded: {
    native: 'Throttling.AllocationQuota',
    compatible: 'insufficient_quota',
  },
  task_not_cancelable: { native: 'UnsupportedOperation', compatible: 'unsupported_operation' },
  task_limit_reached: { native: 'Throttling', compatible: 'limit_requests' },
  slow_down: { native: 'Throttling.BurstRate', compatible: 'limit_burst_rate' },
  model_not_ready: { native: 'ModelUnavailable', compatible: 'model_unavailable' },
  server_is_overloaded: { native: 'ModelServingError', compatible: 'model_serving_error' },
  upstream_timeout: { native: 'RequestTimeOut', compatible: 'request_timeout' },
  unsupported_operation: { native: 'UnsupportedOperation', compatible: 'unsupported_operation' },
};

const BY_STATUS: Readonly<Record<number, Names>> = {
  401: { native: 'InvalidApiKey', compatible: 'invalid_api_key' },
  402: { native: 'Arrearage', compatible: 'Arrearage', status: 400 },
  403: { native: 'AccessDenied', compatible: 'access_denied' },
  404: { native: 'NotFound', compatible: 'not_found' },
  408: { native: 'RequestTimeOut', compatible: 'request_timeout' },
  429: { native: 'Throttling', compatible: 'limit_requests' },
  503: { native: 'ModelUnavailable', compatible: 'model_unavailable' },
};

const CALLER: Names = { native: 'InvalidParameter', compatible: 'invalid_parameter_error' };
const OURS: Names = { native: 'InternalError', compatible: 'internal_error' };

export function dashScopeStatus(error: FlywheelError): number {
  return namesOf(error).status ?? error.status;
}

export function dashScopeError(error: FlywheelError, requestId: string): DashScopeError {
  const { native } = namesOf(error);
  return { code: native, message: error.message, request_id: uuidOf(requestId) };
}

/** An error in the stream; nothing follows it, so that nobody takes it for an end. */
export function dashScopeErrorEvent(error: FlywheelError, requestId: string, id: number): string {
  const data = JSON.stringify(dashScopeError(error, requestId));
  return `id:${id}\nevent:error\n:HTTP_STATUS/${dashScopeStatus(error)}\ndata:${data}\n\n`;
}

/** The same under `/compatible-mode`: OpenAI's shape, and the request's id beside it. */
export function compatibleError(error: FlywheelError, requestId: string) {
  const { compatible } = namesOf(error);
  const { message, param, status } = error;
  const type =
    status < 500 && compatible === CALLER.compatible ? 'invalid_request_error' : compatible;
  return { error: { message, type, param, code: compatible }, request_id: uuidOf(requestId) };
}

/** The name of an error that was kept; one that has a name of DashScope's already keeps it. */
export function dashScopeCode(code: string, status: number): string {
  return /^[A-Z]/.test(code) ? code : namesOf({ code, status }).native;
}

function namesOf({ code, status }: Pick<FlywheelError, 'code' | 'status'>): Names {
  return BY_CODE[code] ?? BY_STATUS[status] ?? (status < 500 ? CALLER : OURS);
}
