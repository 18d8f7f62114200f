/**
 * What every HTTP edge of the control plane shares: an OpenAPI-aware Hono app with one error shape,
 * request ids, and a server that stops gracefully. The gateway's hot path does not use this.
 *
 * Errors are `{ error: { message, type, code, param, requestId } }`, OpenAI's shape plus the id.
 * Unknown errors are 500 without detail; the log has the rest under the same request id.
 */
import assert from 'node:assert/strict';
import { type Server, createServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Env, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { FlywheelError } from './error.ts';
import { createId } from './id.ts';
import type { Log } from './log.ts';

export type ErrorBody = Readonly<{
  error: { message: string; type: string; code: string; param: string | null; requestId: string };
}>;

/** Bodies of our own API are small; files go through imports. */
export const API_BODY_LIMIT_BYTES = 1024 * 1024;

/** 200 MiB over a slow line; what comes from outside has passed a gateway, which is stricter. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const HEADERS_TIMEOUT_MS = 15_000;

/** An app whose validation failures and thrown errors have the one error shape. */
export function createApi<E extends Env & { Variables: { requestId: string } }>(): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const issue = result.error.issues[0];
      const param = issue === undefined ? null : issue.path.join('.');
      const message =
        issue === undefined
          ? 'The request is not valid.'
          : `${param === '' || param === null ? 'body' : param}: ${issue.message}`;
      return context.json(
        errorBody({
          code: 'request.invalid',
          message,
          status: 400,
          param,
          requestId: context.get('requestId'),
        }),
        400,
      );
    },
  });
}

/** Gives each request an id and turns whatever is thrown into the one error shape. */
export function handleErrors<E extends Env & { Variables: { requestId: string } }>(
  app: OpenAPIHono<E>,
  log: Log,
): void {
  app.use(async (context, next) => {
    const requestId = givenId(context.req.header('x-request-id')) ?? createId('req');
    context.set('requestId', requestId);
    await next();
    context.res.headers.set('x-request-id', requestId);
  });
  app.onError((error, context) => errorResponse(error, context, log));
  app.notFound((context) =>
    context.json(
      errorBody({
        code: 'route.unknown',
        message: `There is nothing at ${context.req.method} ${context.req.path}.`,
        status: 404,
        param: null,
        requestId: context.get('requestId'),
      }),
      404,
    ),
  );
}

/** A gateway in front has named the request already; a stranger's idea of an id is not taken. */
function givenId(header: string | undefined): string | null {
  return header !== undefined && /^req_[0-9a-hjkmnp-tv-z]{26}$/.test(header) ? header : null;
}

function errorResponse<E extends Env & { Variables: { requestId: string } }>(
  error: Error,
  context: Context<E>,
  log: Log,
): Response {
  const requestId = context.get('requestId');
  const known = knownError(error);
  if (known === null || known.status >= 500) {
    log.error('request.failed', {
      requestId,
      method: context.req.method,
      path: context.req.path,
      error,
    });
  }
  const shown = known ?? INTERNAL;
  const headers: Record<string, string> =
    shown.retryAfterMs === null
      ? {}
      : { 'retry-after': String(Math.ceil(shown.retryAfterMs / 1000)) };
  return Response.json(errorBody({ ...shown, requestId }), { status: shown.status, headers });
}

type Shown = Readonly<{
  code: string;
  message: string;
  status: number;
  param: string | null;
  retryAfterMs: number | null;
}>;

const INTERNAL: Shown = {
  code: 'internal',
  message: 'Something went wrong here. The request id leads to the log.',
  status: 500,
  param: null,
  retryAfterMs: null,
};

/** What a caller may be told of an error, or null when it is not one that was made for callers. */
function knownError(error: Error): Shown | null {
  if (error instanceof FlywheelError) {
    const { code, message, status, param, retryAfterMs } = error;
    return { code, message, status, param, retryAfterMs };
  }
  if (error instanceof HTTPException && error.status < 500) {
    return {
      code: error.status === 413 ? 'request.too_large' : 'request.invalid',
      message: error.message || 'The request is not valid.',
      status: error.status,
      param: null,
      retryAfterMs: null,
    };
  }
  return null;
}

export function errorBody(parts: {
  code: string;
  message: string;
  status: number;
  param: string | null;
  requestId: string;
}): ErrorBody {
  const { code, message, status, param, requestId } = parts;
  return { error: { message, type: typeOf(status), code, param, requestId } };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

export type ListeningServer = Readonly<{
  port: number;
  url: string;
  /** Accepts nobody new and leaves the connections there are, idle ones too, to go on. */
  leaveDoor: () => void;
  /** Stops accepting, lets requests end for up to `graceMs`, then closes their sockets. */
  stop: (graceMs: number) => Promise<void>;
}>;

/** Serves a Hono app on a port (0 = any). Raises the listen error (EADDRINUSE, EACCES) as it is. */
export async function serveApp(
  app: Pick<Hono, 'fetch'>,
  options: { host: string; port: number },
): Promise<ListeningServer> {
  const handle = getRequestListener(app.fetch);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    (incoming, outgoing) => void handle(incoming, outgoing),
  );
  return listen(server, options);
}

/** Starts any Node HTTP server and wraps its graceful stop. */
export async function listen(
  server: Server,
  options: { host: string; port: number },
): Promise<ListeningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  assert(
    bound !== null && typeof bound === 'object',
    'a TCP server has an address once it listens',
  );
  const { port } = bound;
  return {
    port,
    url: `http://${options.host}:${port}`,
    // An HTTP server's own `close` cuts idle connections, those with a request on its way among them.
    leaveDoor: () => void NetServer.prototype.close.call(server),
    stop: (graceMs) => stopServer(server, graceMs),
  };
}

async function stopServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
