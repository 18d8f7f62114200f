/** Whole answers of DashScope in OpenAI's shape. Pure; null where the bytes are no answer. */
import { fieldOf } from '../field.ts';
import { textOf } from './generation-answer.ts';
import { openAiUsageFrom } from './usage.ts';

type Fields = Readonly<Record<string, unknown>>;

export type OpenAiChoice = Readonly<{
  index: number;
  message: Fields;
  finish_reason: string | null;
  logprobs?: unknown;
}>;

/** Text generation, embeddings or reranking, told apart by what is in the output. */
export function openAiAnswer(bytes: Buffer, nowMs = Date.now()): Buffer | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  const output = fieldOf(value, 'output');
  const usage = openAiUsageFrom(fieldOf(value, 'usage'));
  const embeddings = fieldOf(output, 'embeddings');
  if (Array.isArray(embeddings)) {
    const data = embeddings.map((one: unknown, at) => ({
      object: 'embedding',
      index: fieldOf(one, 'text_index') ?? at,
      embedding: fieldOf(one, 'embedding'),
    }));
    return Buffer.from(JSON.stringify({ object: 'list', data, ...(usage !== null && { usage }) }));
  }
  const results = fieldOf(output, 'results');
  if (Array.isArray(results)) {
    return Buffer.from(JSON.stringify({ results, ...(usage !== null && { usage }) }));
  }
  const choices = openAiChoices(output);
  if (choices.length === 0) return null;
  return Buffer.from(
    JSON.stringify({
      id: `chatcmpl-${String(fieldOf(value, 'request_id'))}`,
      object: 'chat.completion',
      created: Math.floor(nowMs / 1000),
      choices,
      ...(usage !== null && { usage }),
    }),
  );
}

export function openAiChoices(output: unknown): OpenAiChoice[] {
  const choices = fieldOf(output, 'choices');
  if (Array.isArray(choices)) return choices.map(choiceOf);
  const text = fieldOf(output, 'text');
  if (typeof text !== 'string') return [];
  const message = { role: 'assistant', content: text };
  return [{ index: 0, message, finish_reason: finishOf(fieldOf(output, 'finish_reason')) }];
}

function choiceOf(choice: unknown, at: number): OpenAiChoice {
  const message = fieldOf(choice, 'message');
  const index = fieldOf(choice, 'index');
  const logprobs = fieldOf(choice, 'logprobs');
  return {
    index: typeof index === 'number' ? index : at,
    message: messageOf(message),
    finish_reason: finishOf(fieldOf(choice, 'finish_reason')),
    ...(logprobs !== undefined && { logprobs }),
  };
}

function messageOf(message: unknown): Fields {
  const {
    role,
    content,
    tool_calls: calls,
    ...others
  } = Object.fromEntries(
    typeof message === 'object' && message !== null ? Object.entries(message) : [],
  );
  const hasCalls = Array.isArray(calls) && calls.length > 0;
  return {
    ...others,
    role: typeof role === 'string' ? role : 'assistant',
    content: contentOf(content),
    ...(hasCalls && { tool_calls: calls.map(callOf) }),
  };
}

function contentOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content ?? '';
  return content.map((part) => textOf(fieldOf(part, 'text'))).join('');
}

/** Later pieces of a call come with empty names there and without them in OpenAI's dialect. */
function callOf(call: unknown): unknown {
  const {
    id,
    function: called,
    ...others
  } = Object.fromEntries(typeof call === 'object' && call !== null ? Object.entries(call) : []);
  const name = fieldOf(called, 'name');
  return {
    ...others,
    ...(id !== '' && id !== undefined && { id }),
    function: {
      ...(name !== '' && name !== undefined && { name }),
      arguments: fieldOf(called, 'arguments') ?? '',
    },
  };
}

/** The word "null" stands there while there is more to come. */
function finishOf(finish: unknown): string | null {
  return typeof finish === 'string' && finish !== 'null' && finish !== '' ? finish : null;
}
