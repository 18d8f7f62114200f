/** The small client that the contract's tests, and tests of single engines, talk through. */
import assert from 'node:assert/strict';

import { z } from 'zod';

import type { RunningEngine } from './engine.ts';

const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  total_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number() }).optional(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number() }).optional(),
});

const callSchema = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const replySchema = z.object({
  choices: z.array(
    z.object({
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        reasoning_content: z.string().optional(),
        tool_calls: z.array(callSchema).optional(),
      }),
      finish_reason: z.enum(['stop', 'length', 'tool_calls']),
      logprobs: z
        .object({
          content: z.array(
            z.object({
              token: z.string(),
              logprob: z.number(),
              top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })),
            }),
          ),
        })
        .nullish(),
    }),
  ),
  usage: usageSchema,
});

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({
        role: z.string().optional(),
        content: z.string().nullish(),
        reasoning_content: z.string().optional(),
        tool_calls: z
          .array(
            z.object({
              index: z.number(),
              id: z.string().optional(),
              function: z.object({ name: z.string().optional(), arguments: z.string().optional() }),
            }),
          )
          .optional(),
      }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: usageSchema.nullish(),
});

const refusalSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
});

export type ChatReply = z.infer<typeof replySchema>;
export type ChatChunk = z.infer<typeof chunkSchema>;
export type Refusal = z.infer<typeof refusalSchema> &
  Readonly<{ status: number; headers: Headers }>;

export type EngineClient = Readonly<{
  models: () => Promise<string[]>;
  /** One chat request that is answered; the model and a short message are filled in. */
  chat: (request: object) => Promise<ChatReply>;
  /** All chunks of a stream that ends as it should. */
  stream: (request: object) => Promise<ChatChunk[]>;
  /** The response to a streaming request while it runs. */
  open: (request: object, signal?: AbortSignal) => Promise<Response>;
  embed: (input: unknown) => Promise<number[][]>;
  /** The error that a request gets. A text is sent as it is, everything else as JSON. */
  refusal: (request: unknown, path?: string) => Promise<Refusal>;
  post: (path: string, body: unknown, signal?: AbortSignal) => Promise<Response>;
}>;

export function createEngineClient(engine: RunningEngine): EngineClient {
  const headers = {
    'content-type': 'application/json',
    ...(engine.key === null ? {} : { authorization: `Bearer ${engine.key}` }),
  };
  const post: EngineClient['post'] = (path, body, signal) =>
    fetch(engine.url + path, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  const { model } = engine.info;
  const messages = [{ role: 'user', content: 'hello' }];
  const open: EngineClient['open'] = (request, signal) =>
    post('/v1/chat/completions', { model, messages, ...request }, signal);
  return {
    post,
    open,
    models: async () => {
      const body: unknown = await (await fetch(`${engine.url}/v1/models`, { headers })).json();
      const list = z.object({ data: z.array(z.object({ id: z.string() })) }).parse(body);
      return list.data.map(({ id }) => id);
    },
    chat: async (request) => replySchema.parse(await okBody(await open(request))),
    stream: async (request) => readEvents(await (await open({ ...request, stream: true })).text()),
    embed: async (input) => {
      const body = await okBody(await post('/v1/embeddings', { model, input }));
      const vectors = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })) });
      return vectors.parse(body).data.map(({ embedding }) => embedding);
    },
    refusal: async (request, path = '/v1/chat/completions') => {
      const response = await post(path, request);
      const { error } = refusalSchema.parse(await response.json());
      return { status: response.status, headers: response.headers, error };
    },
  };
}

async function okBody(response: Response): Promise<unknown> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

/** The chunks of a whole event stream; fails when it does not end as it should. */
export function readEvents(text: string): ChatChunk[] {
  const events = text.split('\n\n').filter((event) => event !== '');
  assert.equal(events.pop(), 'data: [DONE]', text.slice(-500));
  return events.map((event) => chunkSchema.parse(JSON.parse(event.replace(/^data: /, ''))));
}

export function textOf(chunks: readonly ChatChunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}
