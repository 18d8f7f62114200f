/**
 * One HTTP exchange with Flywheel: headers, timeouts, and failures as `ApiError`. Everything above
 * is a table of paths and types. A caller's own abort is passed on as it is, so that "the person
 * pressed stop" is never mistaken for a failure.
 */
import { ApiError, CONNECTION_FAILED, CONNECTION_TIMEOUT, parseApiError } from './api-error.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export type TransportOptions = Readonly<{
  /** Where Flywheel is; empty means the page's own origin. */
  url: string;
  /** Bearer secret. Without one the browser's session cookie speaks. */
  apiKey?: string | undefined;
  /** The tenant to act in, for a member of several. */
  tenantId?: string | undefined;
  fetch?: Fetch | undefined;
}>;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type Exchange = Readonly<{
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query | undefined;
  body?: unknown;
  /** In the place of a body, with a file. */
  form?: FormData | undefined;
  /** In the place of a body: one line of JSON after the other. */
  lines?: readonly unknown[] | undefined;
  /** In the place of a body: bytes as they come. For programs; browsers send none. */
  bytes?: ReadableStream<Uint8Array> | undefined;
  /** Which bytes of a file, as HTTP counts them: `bytes=0-99`. */
  range?: string | undefined;
  /** Overrides the client's own key, for one call. */
  apiKey?: string | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
}>;

export type Transport = Readonly<{
  /** Sends and reads a JSON answer; null for 204. */
  json: <T>(exchange: Exchange) => Promise<T>;
  /** Sends and hands over the open answer; the timeout is for its headers only. */
  open: (exchange: Exchange) => Promise<Response>;
}>;

/** Longer than any honest answer of control, short enough that a person still waits. */
const TIMEOUT_MS = 30_000;

export function createTransport(options: TransportOptions): Transport {
  const send: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const base = options.url.replace(/\/+$/, '');

  async function open(exchange: Exchange): Promise<Response> {
    return withTimeout(exchange, base, (signal) => exchangeOnce(exchange, signal));
  }

  async function json<T>(exchange: Exchange): Promise<T> {
    return withTimeout(exchange, base, async (signal) => {
      // The server is typed by the same schemas; checking again would ship zod to every browser.
      return readJson<T>(await exchangeOnce(exchange, signal));
    });
  }

  async function exchangeOnce(exchange: Exchange, signal: AbortSignal): Promise<Response> {
    const init: RequestInit = {
      method: exchange.method ?? 'GET',
      headers: headersOf(options, exchange),
      signal,
      ...(exchange.form === undefined ? {} : { body: exchange.form }),
      ...(exchange.body === undefined ? {} : { body: JSON.stringify(exchange.body) }),
      ...(exchange.lines === undefined ? {} : { body: linesOf(exchange.lines) }),
      ...(exchange.bytes === undefined ? {} : { body: exchange.bytes, duplex: 'half' }),
    };
    const response = await send(base + exchange.path + queryText(exchange.query), init);
    if (response.ok) return response;
    throw parseApiError(
      response.status,
      await readJson<unknown>(response).catch(() => null),
      response.headers,
    );
  }

  return { json, open };
}

async function readJson<T>(response: Response): Promise<T> {
  const body = await response.text();
  try {
    const value: T = JSON.parse(response.status === 204 ? 'null' : body);
    return value;
  } catch (cause) {
    throw new ApiError({
      status: response.status,
      code: 'response.invalid',
      message: 'The answer is not JSON. Is this address really a Flywheel?',
      requestId: response.headers.get('x-request-id'),
      cause,
    });
  }
}

function headersOf(options: TransportOptions, exchange: Exchange): Record<string, string> {
  const apiKey = exchange.apiKey ?? options.apiKey;
  return {
    accept: 'application/json, text/event-stream, text/plain',
    ...(exchange.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(exchange.lines === undefined ? {} : { 'content-type': 'application/x-ndjson' }),
    ...(exchange.range === undefined ? {} : { range: exchange.range }),
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(options.tenantId === undefined ? {} : { 'x-flywheel-tenant': options.tenantId }),
  };
}

/** In pieces: together they may be longer than a text can be. */
function linesOf(lines: readonly unknown[]): Blob {
  return new Blob(lines.map((line) => `${JSON.stringify(line)}\n`));
}

function queryText(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** Runs one exchange under a timeout that ends with it; a streamed body goes on after. */
async function withTimeout<T>(
  exchange: Exchange,
  base: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeoutMs = exchange.timeoutMs ?? TIMEOUT_MS;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const signals = exchange.signal === undefined ? [] : [exchange.signal];
  try {
    return await work(AbortSignal.any([timeout.signal, ...signals]));
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    exchange.signal?.throwIfAborted();
    throw timeout.signal.aborted
      ? new ApiError({
          status: 0,
          code: CONNECTION_TIMEOUT,
          message: `${base || 'The server'} gave no answer within ${timeoutMs / 1000} s.`,
          cause,
        })
      : new ApiError({
          status: 0,
          code: CONNECTION_FAILED,
          message: `Cannot reach ${base || 'the server'}: ${reasonOf(cause)}`,
          cause,
        });
  } finally {
    clearTimeout(timer);
  }
}

/** Node hides "connection refused" one level down; browsers say nothing more than "failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
