/**
 * Everything that is not a model call goes to control: the console, sign-in, `/cloud/*`. Bodies are
 * streamed both ways and counted; hop-by-hop headers stay on their hop; control learns who really
 * asked from `x-forwarded-*`, which callers cannot set themselves.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { ReadAddress, ReadOrigin } from './limits/caller-address.ts';

export type ControlProxy = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  requestId: string,
) => void;

/** RFC 9110 section 7.6.1, and what we set ourselves. */
const HOP_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const FORWARDED_HEADERS = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'x-request-id',
]);

/** Control answers pages and small JSON; what takes longer is a stream that moves. */
const HEADERS_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 120_000;
const RETRY_AFTER_SECONDS = 2;

export function createControlProxy(
  deps: Readonly<{
    dispatcher: Dispatcher;
    controlUrl: string;
    log: Log;
    uploadLimitBytes: number;
    readAddress: ReadAddress;
    readOrigin: ReadOrigin;
    /** A reader that takes nothing for this long is gone, whatever its socket says. */
    stallMs: number;
  }>,
): ControlProxy {
  const { origin } = new URL(deps.controlUrl);
  return (incoming, outgoing, requestId) => {
    const forwardedHeaders = (): string[] => {
      const { scheme, host } = deps.readOrigin(incoming);
      const headers = ['x-forwarded-for', deps.readAddress(incoming) || 'unknown'];
      headers.push('x-forwarded-proto', scheme, 'x-request-id', requestId);
      return host === undefined ? headers : [...headers, 'x-forwarded-host', host];
    };
    const relay = new ProxyRelay(outgoing, { requestId, log: deps.log, stallMs: deps.stallMs });
    const body = bodyOf(incoming, deps.uploadLimitBytes, () => relay.refuse(413));
    outgoing.on('close', () => relay.callerClosed());
    outgoing.on('drain', () => relay.resume());
    deps.dispatcher.dispatch(
      {
        origin,
        path: incoming.url ?? '/',
        method: incoming.method ?? 'GET',
        headers: [...ownHeaders(incoming), ...forwardedHeaders()],
        body,
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: IDLE_TIMEOUT_MS,
      },
      relay,
    );
  };
}

/** Null where the request has none: a stream that never ends would make a GET look like an upload. */
function bodyOf(
  incoming: IncomingMessage,
  limitBytes: number,
  onTooLarge: () => void,
): IncomingMessage | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return null;
  let bytes = 0;
  incoming.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > limitBytes) onTooLarge();
  });
  incoming.pause();
  return incoming;
}

/** What the caller wrote, but for what belongs to its hop and what only we may say. */
function ownHeaders(incoming: IncomingMessage): string[] {
  const headers: string[] = [];
  const named = new Set((incoming.headers.connection ?? '').toLowerCase().split(/\s*,\s*/));
  const { rawHeaders } = incoming;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (HOP_HEADERS.has(lower) || FORWARDED_HEADERS.has(lower) || named.has(lower)) continue;
    headers.push(name, rawHeaders[index + 1] ?? '');
  }
  return headers;
}

class ProxyRelay implements Dispatcher.DispatchHandler {
  readonly #outgoing: ServerResponse;
  readonly #requestId: string;
  readonly #log: Log;
  readonly #stallMs: number;
  #stall: NodeJS.Timeout | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;

  constructor(
    outgoing: ServerResponse,
    options: Readonly<{ requestId: string; log: Log; stallMs: number }>,
  ) {
    this.#outgoing = outgoing;
    this.#requestId = options.requestId;
    this.#log = options.log;
    this.#stallMs = options.stallMs;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('the caller left'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200 || this.#isOver) return;
    const kept: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && !HOP_HEADERS.has(name)) kept[name] = value;
    }
    kept['x-request-id'] ??= this.#requestId;
    this.#outgoing.writeHead(status, kept);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver || this.#outgoing.write(chunk)) return;
    controller.pause();
    this.#stall ??= setTimeout(() => this.#outgoing.destroy(), this.#stallMs);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#moves();
    this.#outgoing.end();
    // The rest lies in memory until it is read.
    if (!this.#outgoing.writableFinished) this.#outgoing.setTimeout(this.#stallMs);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    this.#log.warn('control.unreachable', { requestId: this.#requestId, reason: messageOf(error) });
    this.refuse(503);
  }

  resume(): void {
    this.#moves();
    if (this.#controller?.paused === true) this.#controller.resume();
  }

  callerClosed(): void {
    this.#moves();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort(new Error('the caller left'));
  }

  /** The reader takes something again, or nothing more is to come. */
  #moves(): void {
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }

  /** Halfway through an answer all that is honest is to break the connection. */
  refuse(status: 413 | 503): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort(new Error('refused'));
    if (this.#outgoing.headersSent) {
      this.#outgoing.destroy();
      return;
    }
    sendRefusal(this.#outgoing, this.#requestId, status);
  }
}

const REFUSALS = {
  413: { code: 'request_too_large', message: 'The upload is larger than it may be.' },
  503: { code: 'control_unavailable', message: 'The control plane is not there just now.' },
} as const;

function sendRefusal(outgoing: ServerResponse, requestId: string, status: 413 | 503): void {
  const { code, message } = REFUSALS[status];
  const type = status === 503 ? 'server_error' : 'invalid_request_error';
  const error = { message, type, param: null, code, requestId };
  if (status === 503) outgoing.setHeader('retry-after', RETRY_AFTER_SECONDS);
  outgoing.writeHead(status, { 'content-type': 'application/json', 'x-request-id': requestId });
  outgoing.end(JSON.stringify({ error }));
}
