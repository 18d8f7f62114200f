/** A whole chat answer of OpenAI's shape as DashScope's text generation. Pure. */
import { fieldOf } from '../field.ts';
import type { GenerationShape } from './generation-request.ts';
import { uuidOf } from './request-id.ts';
import { type DashScopeUsage, usageFrom } from './usage.ts';

export type Said = Readonly<{
  index: number;
  role: string;
  content: string;
  reasoning: string;
  /** In OpenAI's shape, with the index that DashScope adds. */
  toolCalls: readonly unknown[];
  finish: string | null;
  logprobs: unknown;
}>;

export function generationAnswer(
  answer: unknown,
  shape: Pick<GenerationShape, 'format' | 'isMultimodal'>,
  requestId: string,
): Record<string, unknown> {
  const choices = fieldOf(answer, 'choices');
  const said = Array.isArray(choices) ? choices.map(saidIn) : [];
  return generationBody(said, shape, usageFrom(fieldOf(answer, 'usage')), requestId);
}

/** One body, whole or of one event: the two differ only in what has been said so far. */
export function generationBody(
  said: readonly Said[],
  { format, isMultimodal }: Pick<GenerationShape, 'format' | 'isMultimodal'>,
  usage: DashScopeUsage | null,
  requestId: string,
): Record<string, unknown> {
  const first = said[0];
  const output =
    format === 'text' && first !== undefined
      ? { finish_reason: finishWord(first.finish), text: first.content }
      : { choices: said.map((one) => choiceOf(one, { isAlone: said.length === 1, isMultimodal })) };
  return { output, ...(usage !== null && { usage }), request_id: uuidOf(requestId) };
}

function choiceOf(
  { index, role, content, reasoning, toolCalls, finish, logprobs }: Said,
  { isAlone, isMultimodal }: Readonly<{ isAlone: boolean; isMultimodal: boolean }>,
): Record<string, unknown> {
  const shown = isMultimodal ? (content === '' ? [] : [{ text: content }]) : content;
  return {
    ...(isAlone && index === 0 ? {} : { index }),
    message: {
      role,
      content: shown,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    },
    finish_reason: finishWord(finish),
    ...(logprobs !== undefined && logprobs !== null && { logprobs }),
  };
}

/** The word "null" says that there is more to come; its clients compare with it. */
function finishWord(finish: string | null): string {
  return finish ?? 'null';
}

function saidIn(choice: unknown, at: number): Said {
  const message = fieldOf(choice, 'message');
  const index = fieldOf(choice, 'index');
  const calls = fieldOf(message, 'tool_calls');
  const finish = fieldOf(choice, 'finish_reason');
  return {
    index: typeof index === 'number' ? index : at,
    role: textOf(fieldOf(message, 'role')) || 'assistant',
    content: textOf(fieldOf(message, 'content')),
    reasoning: reasoningIn(message),
    toolCalls: Array.isArray(calls) ? calls.map(withIndex) : [],
    finish: typeof finish === 'string' ? finish : null,
    logprobs: fieldOf(choice, 'logprobs'),
  };
}

/** Engines name it in two ways. */
export function reasoningIn(message: unknown): string {
  return textOf(fieldOf(message, 'reasoning_content') ?? fieldOf(message, 'reasoning'));
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function withIndex(call: unknown, index: number): unknown {
  return typeof call === 'object' && call !== null ? { index, ...call } : call;
}
