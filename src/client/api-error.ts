/** What a call to Flywheel can fail with. Match on `code`; `message` is for the person who reads it. */
export type ApiErrorParts = Readonly<{
  /** HTTP status; 0 when no answer came. */
  status: number;
  code: string;
  message: string;
  param?: string | null;
  requestId?: string | null;
  retryAfterMs?: number | null;
  cause?: unknown;
}>;

/** Codes made here, when the server said nothing: no answer, no answer in time, an answer cut short. */
export const CONNECTION_FAILED = 'connection.failed';
export const CONNECTION_TIMEOUT = 'connection.timeout';
export const STREAM_CUT = 'stream.cut';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;

  constructor(parts: ApiErrorParts) {
    super(parts.message, parts.cause === undefined ? {} : { cause: parts.cause });
    this.status = parts.status;
    this.code = parts.code;
    this.param = parts.param ?? null;
    this.requestId = parts.requestId ?? null;
    this.retryAfterMs = parts.retryAfterMs ?? null;
  }
}

/** Reads a refusal in our own shape, OpenAI's, or none at all (a proxy's page). */
export function parseApiError(status: number, body: unknown, headers: Headers): ApiError {
  const error = field(body, 'error') ?? body;
  return new ApiError({
    status,
    code: text(error, 'code') ?? text(error, 'type') ?? `http.${status}`,
    // The hub's addresses answer as their own clients expect: a text and no more.
    message:
      (typeof error === 'string' ? error : text(error, 'message')) ??
      `The server answered with status ${status}.`,
    param: text(error, 'param'),
    requestId: text(error, 'requestId') ?? headers.get('x-request-id'),
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
  });
}

/** Seconds or a date, as RFC 9110 10.2.3 allows. */
function parseRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function text(value: unknown, name: string): string | null {
  const found = field(value, name);
  return typeof found === 'string' ? found : null;
}
