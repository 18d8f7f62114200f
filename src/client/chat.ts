/**
 * Chat over the OpenAI dialect, reduced to the events a screen shows. Chunks of any engine become
 * the same few kinds; usage is always asked for; an answer that ends without its mark is an error,
 * because half an answer must not look whole.
 */
import { parseApiError } from './api-error.ts';
import { cut, readEvents } from './text-stream.ts';
import type { Transport } from './transport.ts';

export type ChatMessage = Readonly<{
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
}>;

export type ChatRequest = Readonly<{
  model: string;
  messages: readonly ChatMessage[];
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  seed?: number | undefined;
  /** Whether a model that can think aloud does so first; the model's own default when left out. */
  thinking?: boolean | undefined;
}>;

export type ChatOptions = Readonly<{
  signal?: AbortSignal | undefined;
  /** The key to call with, where the client itself has none (the console's playground key). */
  apiKey?: string | undefined;
}>;

export type ChatUsage = Readonly<{
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}>;

export type ChatEvent =
  /** The request is accepted; its id leads to the usage event. */
  | Readonly<{ kind: 'started'; requestId: string | null }>
  | Readonly<{ kind: 'reasoning'; text: string }>
  | Readonly<{ kind: 'content'; text: string }>
  /** A piece of a tool call; pieces with the same index belong together. */
  | Readonly<{ kind: 'tool-call'; index: number; name: string | null; arguments: string }>
  | Readonly<{ kind: 'finished'; reason: string }>
  | Readonly<{ kind: 'usage'; usage: ChatUsage }>;

/** The gateway may wait for a cold replica to load, then for a free place, then for a long prompt. */
const FIRST_BYTE_TIMEOUT_MS = 180_000;
const IDLE_TIMEOUT_MS = 120_000;

/** Streams one answer. Raises `ApiError`, also in the middle; an abort raises the signal's reason. */
export async function* streamChat(
  transport: Transport,
  request: ChatRequest,
  options: ChatOptions = {},
): AsyncGenerator<ChatEvent, void, undefined> {
  const { signal, apiKey } = options;
  const response = await transport.open({
    method: 'POST',
    path: '/v1/chat/completions',
    body: wireRequest(request),
    apiKey,
    signal,
    timeoutMs: FIRST_BYTE_TIMEOUT_MS,
  });
  yield { kind: 'started', requestId: response.headers.get('x-request-id') };
  if (response.body === null) throw cut('The answer has no body.');
  for await (const data of readEvents(response.body, { signal, idleTimeoutMs: IDLE_TIMEOUT_MS })) {
    if (data === '[DONE]') return;
    const chunk = parseChunk(data);
    if (chunk.error !== undefined)
      throw parseApiError(chunk.error.status ?? 500, chunk, response.headers);
    yield* eventsOf(chunk);
  }
  throw cut('The answer ended before it was complete.');
}

function wireRequest(request: ChatRequest): Record<string, unknown> {
  return {
    model: request.model,
    messages: request.messages,
    temperature: request.temperature,
    top_p: request.topP,
    max_tokens: request.maxTokens,
    seed: request.seed,
    chat_template_kwargs:
      request.thinking === undefined ? undefined : { enable_thinking: request.thinking },
    stream: true,
    stream_options: { include_usage: true },
  };
}

type ToolCallPiece = { index?: number; function?: { name?: string; arguments?: string } };

/** The parts of a chunk that are read here; engines add more. */
type Chunk = Readonly<{
  error?: { status?: number };
  choices?: readonly {
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      /** What newer engines call the same. */
      reasoning?: string | null;
      tool_calls?: readonly ToolCallPiece[];
    };
    finish_reason?: string | null;
  }[];
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  } | null;
}>;

function parseChunk(data: string): Chunk {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === 'object' && value !== null) return value;
    throw cut('A piece of the answer is not an object.');
  } catch (cause) {
    throw cut('A piece of the answer is not JSON.', cause);
  }
}

function* eventsOf(chunk: Chunk): Generator<ChatEvent> {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta;
  const thought = delta?.reasoning_content ?? delta?.reasoning;
  if (thought) yield { kind: 'reasoning', text: thought };
  if (delta?.content) yield { kind: 'content', text: delta.content };
  for (const call of delta?.tool_calls ?? []) {
    yield {
      kind: 'tool-call',
      index: call.index ?? 0,
      name: call.function?.name ?? null,
      arguments: call.function?.arguments ?? '',
    };
  }
  if (choice?.finish_reason) yield { kind: 'finished', reason: choice.finish_reason };
  if (chunk.usage) yield { kind: 'usage', usage: usageOf(chunk.usage) };
}

/** Disjoint buckets, as our own usage has them: input without cache reads, output without reasoning. */
function usageOf(usage: NonNullable<Chunk['usage']>): ChatUsage {
  const cacheReadTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    inputTokens: (usage.prompt_tokens ?? 0) - cacheReadTokens,
    cacheReadTokens,
    outputTokens: (usage.completion_tokens ?? 0) - reasoningTokens,
    reasoningTokens,
  };
}
