/** OpenAI's dialect as a caller hears it, and as nearly every engine speaks it. */
import { OPERATIONS } from '../operations.ts';
import type { Dialect, Endpoint, RateLimit, UpstreamDialect } from '../wire.ts';
import { openAiError, openAiErrorEvent } from './error.ts';
import { type Operation, parseRequest, upstreamBody } from './request.ts';

export const openAiDialect: Dialect = {
  name: 'openai',
  headers: (requestId) => ['x-request-id', requestId],
  rateLimitHeaders: ({ requests, tokens }) => [
    ...limitHeaders('requests', requests),
    ...limitHeaders('tokens', tokens),
  ],
  error: (error) => ({ status: error.status, body: openAiError(error) }),
  errorEvent: openAiErrorEvent,
  keepAlive: Buffer.from(': keep-alive\n\n'),
};

/** Clients sleep for as long as `reset` says, so a limit that is not there is not mentioned. */
function limitHeaders(name: string, limit: RateLimit | null): string[] {
  if (limit === null) return [];
  return [
    `x-ratelimit-limit-${name}`,
    String(limit.limit),
    `x-ratelimit-remaining-${name}`,
    String(Math.max(0, limit.remaining)),
    `x-ratelimit-reset-${name}`,
    durationText(limit.resetMs),
  ];
}

/** As OpenAI writes it: `20ms`, `1.5s`, `6m0s`. */
function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.ceil(ms))}ms`;
  if (ms < 60_000) return `${Math.ceil(ms / 10) / 100}s`;
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** An address of OpenAI's own: the request is what engines understand and so is the answer. */
export function openAiEndpoint(operation: Operation): Endpoint {
  return {
    dialect: openAiDialect,
    read: ({ bytes }) => ({ request: parseRequest(operation, bytes), encoder: null }),
  };
}

export const openAiUpstream: UpstreamDialect = {
  name: 'openai',
  call: (request, { model, key }) => {
    const headers = ['content-type', request.contentType];
    if (key !== null) headers.push('authorization', `Bearer ${key}`);
    return {
      path: OPERATIONS[request.operation].path,
      headers,
      body: upstreamBody(request, model),
    };
  },
  whole: null,
  stream: null,
};
