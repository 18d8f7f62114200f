/** Anthropic's dialect, as a caller of `/v1/messages` hears it. https://docs.anthropic.com/en/api/errors */
import type { FlywheelError } from '#platform/error.ts';
import type { Dialect, RateLimit } from '../wire.ts';

export const anthropicDialect: Dialect = {
  name: 'anthropic',
  // Its programs read `request-id`; `x-request-id` is what every other answer of ours has.
  headers: (requestId) => ['request-id', requestId, 'x-request-id', requestId],
  rateLimitHeaders: ({ requests, tokens }) => [
    ...limitHeaders('requests', requests),
    ...limitHeaders('tokens', tokens),
  ],
  error: (error, requestId) => ({
    status: statusOf(error),
    body: anthropicError(error, requestId),
  }),
  errorEvent: (error, requestId) => anthropicEvent('error', anthropicError(error, requestId)),
  keepAlive: Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'),
};

/** Every event says its type twice: in its name and in its data. */
export function anthropicEvent(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function anthropicError(error: FlywheelError, requestId: string) {
  const { message, param } = error;
  const isNamed = param === null || message.includes(param);
  return {
    type: 'error',
    error: { type: typeOf(error), message: isNamed ? message : `${param}: ${message}` },
    request_id: requestId,
  };
}

/** What Anthropic answers when it is overloaded; its programs retry it as they retry 503. */
const OVERLOADED_STATUS = 529;

function statusOf(error: FlywheelError): number {
  return error.code === 'server_is_overloaded' ? OVERLOADED_STATUS : error.status;
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

function typeOf({ status }: FlywheelError): string {
  return TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

function limitHeaders(name: string, limit: RateLimit | null): string[] {
  if (limit === null) return [];
  return [
    `anthropic-ratelimit-${name}-limit`,
    String(limit.limit),
    `anthropic-ratelimit-${name}-remaining`,
    String(Math.max(0, limit.remaining)),
    `anthropic-ratelimit-${name}-reset`,
    new Date(Date.now() + limit.resetMs).toISOString(),
  ];
}
