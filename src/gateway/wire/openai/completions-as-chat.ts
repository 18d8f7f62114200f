/**
 * `/v1/completions` on what only chats: the prompt is what the user says, the answer's text the completion.
 * What a chat cannot do (go on from a prompt's last word into a suffix, echo, several prompts) is refused.
 */
import { failRequest } from '../../errors.ts';
import type { Call, Encoder, StreamEncoder } from '../wire.ts';
import { openAiErrorEvent } from './error.ts';
import { type ParsedRequest, convertedRequest } from './request.ts';
import { fieldOf } from '../field.ts';

/** OpenAI's own, where the caller says nothing. */
const TOKENS_DEFAULT = 16;

/** Raises `invalid_value`. */
export function completionsAsChat(request: ParsedRequest): Call {
  const { prompt, suffix, echo, best_of: bestOf, logprobs, ...others } = request.fields;
  if (isGiven(suffix)) throw refuse('suffix');
  if (echo === true) throw refuse('echo');
  if (isGiven(bestOf) && bestOf !== 1) throw refuse('best_of');
  if (isGiven(logprobs)) throw refuse('logprobs');
  const limits = isGiven(others['max_completion_tokens']) || isGiven(others['max_tokens']);
  const chat = convertedRequest('chat', {
    ...(limits ? {} : { max_tokens: TOKENS_DEFAULT }),
    ...others,
    messages: [{ role: 'user', content: promptText(prompt) }],
  });
  return { request: chat, encoder: createEncoder(request.wantsUsage) };
}

function promptText(prompt: unknown): string {
  const one: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof one === 'string') return one;
  throw failRequest('invalid_value', 'This model takes one prompt at a time, as a text.', {
    param: 'prompt',
  });
}

function createEncoder(wantsUsage: boolean): Encoder {
  return {
    whole: (answer) => ({ ...completionOf(answer), choices: choicesOf(answer, 'message') }),
    stream: () => createStream(wantsUsage),
  };
}

function createStream(wantsUsage: boolean): StreamEncoder {
  return {
    push: (chunk) => {
      const choices = choicesOf(chunk, 'delta');
      const isUsage = choices.length === 0;
      if (isUsage && !wantsUsage) return '';
      const isEmpty = choices.every(
        ({ text, finish_reason: finish }) => text === '' && finish === null,
      );
      if (!isUsage && isEmpty) return '';
      return `data: ${JSON.stringify({ ...completionOf(chunk), choices })}\n\n`;
    },
    end: () => 'data: [DONE]\n\n',
    fail: openAiErrorEvent,
  };
}

function completionOf(answer: object): Record<string, unknown> {
  const { choices: _choices, ...others } = Object.fromEntries(Object.entries(answer));
  const id = typeof others['id'] === 'string' ? others['id'].replace(/^chatcmpl-/, 'cmpl-') : null;
  return { ...others, id, object: 'text_completion' };
}

function choicesOf(answer: object, part: 'message' | 'delta') {
  const choices = fieldOf(answer, 'choices');
  return (Array.isArray(choices) ? choices : []).map((choice: unknown, at) => {
    const content = fieldOf(fieldOf(choice, part), 'content');
    return {
      index: fieldOf(choice, 'index') ?? at,
      text: typeof content === 'string' ? content : '',
      logprobs: null,
      finish_reason: fieldOf(choice, 'finish_reason') ?? null,
    };
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function refuse(param: string): Error {
  return failRequest('invalid_value', `This model chats, and cannot do ${param}.`, { param });
}
