/**
 * The HTTP face of one engine child: OpenAI's dialect on 127.0.0.1 behind a bearer key that only
 * the parent knows. Requests end exactly once: with an answer, with an error in OpenAI's shape, or
 * aborted because the caller left.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { FlywheelError } from '#platform/error.ts';

import { failRequest } from '../errors.ts';
import { answerChat, countChatTokens } from './chat.ts';
import { answerCompletion } from './completion.ts';
import { createEmbedder } from './embeddings.ts';
import { readJson } from './read-body.ts';
import { createReply } from './reply.ts';
import { statsText } from './stats-text.ts';
import type { EngineInfo } from '../engine.ts';
import type { Inference } from './inference.ts';
import type { Reply } from './reply.ts';

export type EngineServer = Readonly<{
  server: Server;
  /** Refuses new work, waits for running work up to `graceMs`, then aborts what is left. */
  drain: (graceMs: number) => Promise<void>;
}>;

export type EngineServerOptions = Readonly<{
  key: string;
  info: EngineInfo;
  inference: Inference;
  nowMs: () => number;
  onError: (error: unknown) => void;
}>;

/** Longer than the gateway's own idle limit, so that it is never the engine that closes first. */
const KEEP_ALIVE_MS = 75_000;

/** Asked of callers while the engine ends; another replica or a restart is there soon. */
const STOPPING_RETRY_MS = 1_000;

type Exchange = Readonly<{ request: IncomingMessage; reply: Reply; signal: AbortSignal }>;

export function createEngineServer(options: EngineServerOptions): EngineServer {
  const running = new Set<AbortController>();
  const idle: (() => void)[] = [];
  let stopping = false;
  const route = createRoutes(options);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = createReply(response);
    const abort = new AbortController();
    response.on('close', () => abort.abort(new Error('the caller left')));
    running.add(abort);
    try {
      if (request.url !== '/health') checkKey(request, options.key);
      if (stopping) throw stoppingError();
      await route({ request, reply, signal: abort.signal });
    } catch (error) {
      if (response.destroyed) return;
      reply.fail(toRequestError(error, stopping, options.onError));
    } finally {
      running.delete(abort);
      if (running.size === 0) idle.splice(0).forEach((wake) => wake());
    }
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void handle(request, response);
  });

  return {
    server,
    drain: async (graceMs) => {
      stopping = true;
      server.close();
      server.closeIdleConnections();
      if (running.size === 0) return;
      const done = new Promise<void>((resolve) => idle.push(resolve));
      const timer = setTimeout(() => {
        for (const abort of running) abort.abort(stoppingError());
      }, graceMs);
      await done;
      clearTimeout(timer);
    },
  };
}

function createRoutes(options: EngineServerOptions): (exchange: Exchange) => Promise<void> {
  const { inference, info } = options;
  const embedder = createEmbedder(inference.loaded);

  const post = async (
    exchange: Exchange,
    answer: (body: unknown, model: string) => Promise<void>,
  ): Promise<void> => {
    const body = await readJson(exchange.request);
    await answer(body, checkModel(body, info.model));
  };

  return async (exchange) => {
    const { request, reply, signal } = exchange;
    const nowMs = options.nowMs();
    switch (`${request.method} ${request.url?.split('?')[0]}`) {
      case 'GET /health':
        return reply.json(200, { status: 'ok' });
      case 'GET /v1/models':
        return reply.json(200, modelList(info));
      case 'GET /stats':
        return reply.json(200, inference.stats());
      case 'GET /metrics':
        return reply.text(statsText(inference.stats()));
      case 'POST /v1/chat/completions':
        return post(exchange, (body, model) =>
          answerChat(inference, { body, model, signal, nowMs }, reply),
        );
      // As vLLM has it, so that whoever asks need not know which engine it is.
      case 'POST /tokenize':
        return post(exchange, async (body) => {
          const count = countChatTokens(inference.loaded, body);
          reply.json(200, { count, max_model_len: info.contextLength });
        });
      case 'POST /v1/completions':
        return post(exchange, (body, model) =>
          answerCompletion(inference, { body, model, signal, nowMs }, reply),
        );
      case 'POST /v1/embeddings':
        return post(exchange, (body, model) => embedder.answer({ body, model, signal }, reply));
      default:
        throw failRequest('unknown_url', `There is no ${request.method} ${request.url} here.`);
    }
  };
}

function modelList(info: EngineInfo): unknown {
  const model = {
    id: info.model,
    object: 'model',
    created: 0,
    owned_by: 'flywheel',
    max_model_len: info.contextLength,
  };
  return { object: 'list', data: [model] };
}

function checkKey(request: IncomingMessage, key: string): void {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw failRequest('invalid_api_key', 'The bearer key of this engine is missing or wrong.');
}

/** A request that names no model means the only one there is. */
function checkModel(body: unknown, model: string): string {
  const named = typeof body === 'object' && body !== null && 'model' in body ? body.model : null;
  if (named === null || named === undefined || named === model) return model;
  throw failRequest('model_not_found', `This engine serves '${model}' and no other model.`, {
    param: 'model',
  });
}

function stoppingError(): FlywheelError {
  return failRequest('engine_stopping', 'This engine is stopping; try again.', {
    retryAfterMs: STOPPING_RETRY_MS,
  });
}

function toRequestError(
  error: unknown,
  stopping: boolean,
  onError: (error: unknown) => void,
): FlywheelError {
  const known = error instanceof FlywheelError ? error : null;
  if (known !== null && known.status < 500) return known;
  if (known === null && stopping) return stoppingError();
  if (known === null || known.code === 'engine_failed') onError(known?.cause ?? error);
  return (
    known ?? failRequest('engine_failed', 'The engine failed at this request.', { cause: error })
  );
}
