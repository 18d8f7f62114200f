/**
 * The writing half of one HTTP exchange: a JSON body or a stream of server-sent events. A stream
 * waits for a slow reader, but not for ever: a reader that takes nothing holds a place that others
 * wait for.
 */
import type { ServerResponse } from 'node:http';

import type { FlywheelError } from '#platform/error.ts';
import type { Usage } from './usage.ts';

export type Reply = Readonly<{
  json: (status: number, body: unknown) => void;
  text: (body: string) => void;
  /**
   * What the prompt took, in headers of the stream that is about to begin: whoever meters learns it even
   * when the stream is cut before its last event.
   */
  announcePrompt: (usage: Usage) => void;
  /** Writes complete events; returns a promise when the reader must catch up first. */
  stream: (events: string) => Promise<void> | undefined;
  endStream: () => void;
  /** An error as a response, or as the last event of a stream that has begun. */
  fail: (error: FlywheelError) => void;
}>;

/** A reader that takes nothing for this long is gone for all purposes. */
const SLOW_READER_MS = 30_000;

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

const PROMPT_TOKENS_HEADER = 'x-flywheel-prompt-tokens';
const CACHED_TOKENS_HEADER = 'x-flywheel-cached-tokens';

export function createReply(response: ServerResponse): Reply {
  const json: Reply['json'] = (status, body) => {
    const text = Buffer.from(JSON.stringify(body));
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': text.byteLength,
    });
    response.end(text);
  };
  return {
    json,
    text: (body) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(body);
    },
    announcePrompt: (usage) => {
      if (response.headersSent) return;
      response.setHeader(PROMPT_TOKENS_HEADER, usage.prompt_tokens);
      response.setHeader(CACHED_TOKENS_HEADER, usage.prompt_tokens_details.cached_tokens);
    },
    stream: (events) => {
      if (!response.headersSent) response.writeHead(200, STREAM_HEADERS);
      return response.write(events) ? undefined : drained(response);
    },
    endStream: () => {
      response.end('data: [DONE]\n\n');
    },
    fail: (error) => {
      const body = errorBody(error);
      if (response.headersSent) {
        response.end(`data: ${JSON.stringify(body)}\n\n`);
        return;
      }
      if (error.retryAfterMs !== null) {
        response.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1_000));
      }
      json(error.status, body);
    },
  };
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => response.destroy(), SLOW_READER_MS);
  const done = (): void => {
    clearTimeout(timer);
    response.off('drain', done).off('close', done);
    resolve();
  };
  response.on('drain', done).on('close', done);
  return promise;
}

function errorBody(error: FlywheelError): unknown {
  const type = error.status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message: error.message, type, param: error.param, code: error.code } };
}
