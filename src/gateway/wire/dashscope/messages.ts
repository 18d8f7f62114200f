/**
 * DashScope's `input` as the messages of a chat: `messages`, or a `prompt` with the old `history`.
 * Parts of content are named by their key there (`{text}`, `{image}`) and by a type in OpenAI's dialect.
 */
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';

export type ChatMessage = Readonly<Record<string, unknown>>;

/** Raises `invalid_value`. */
export function chatMessages(input: unknown): ChatMessage[] {
  const messages = fieldOf(input, 'messages');
  const prompt = fieldOf(input, 'prompt');
  if (isGiven(messages)) return withPrompt(messagesOf(messages), prompt);
  if (typeof prompt === 'string') return withPrompt(historyOf(fieldOf(input, 'history')), prompt);
  throw refuse('input', 'Either "prompt" or "messages" must exist and cannot both be none');
}

function messagesOf(messages: unknown): ChatMessage[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw refuse('input.messages', 'input.messages should be a list that is not empty.');
  }
  return messages.map((message: unknown, index) => {
    if (typeof message !== 'object' || message === null) {
      throw refuse(`input.messages.${index}`, `input.messages.${index} should be an object.`);
    }
    const content = fieldOf(message, 'content');
    if (!Array.isArray(content)) return { ...message };
    return {
      ...message,
      content: content.map((part, at) => partOf(part, `${index}.content.${at}`)),
    };
  });
}

function withPrompt(messages: ChatMessage[], prompt: unknown): ChatMessage[] {
  return typeof prompt === 'string' ? [...messages, { role: 'user', content: prompt }] : messages;
}

function historyOf(history: unknown): ChatMessage[] {
  if (!isGiven(history)) return [];
  if (!Array.isArray(history)) throw refuse('input.history', 'input.history should be a list.');
  return history.flatMap((turn: unknown) => [
    { role: 'user', content: fieldOf(turn, 'user') ?? '' },
    { role: 'assistant', content: fieldOf(turn, 'bot') ?? '' },
  ]);
}

/** A part that is OpenAI's already stays; of DashScope's, those that an engine has a word for. */
function partOf(part: unknown, at: string): unknown {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (typeof fieldOf(part, 'type') === 'string') return part;
  const { text, image, ...others } = Object.fromEntries(
    typeof part === 'object' && part !== null ? Object.entries(part) : [],
  );
  if (typeof text === 'string' && image === undefined) return { ...others, type: 'text', text };
  if (typeof image === 'string' && text === undefined) {
    return { ...others, type: 'image_url', image_url: { url: image } };
  }
  const param = `input.messages.${at}`;
  throw refuse(param, `${param} should hold a text or an image.`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function refuse(param: string, message: string): FlywheelError {
  return failRequest('invalid_value', message, { param });
}
