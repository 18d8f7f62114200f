/**
 * A whole answer in OpenAI's dialect: checked to be one, its usage read, the model's name the one that
 * was asked for. The bytes stay the engine's own unless the name differs.
 */
import { NO_USAGE } from '#metering/usage-event.ts';
import type { Counted } from '../../usage/disjoint.ts';
import { readUsage } from '../../usage/usage.ts';
import { OPERATIONS } from '../operations.ts';
import { reasoningOf } from './reasoning.ts';
import type { Operation } from './request.ts';
import { fieldOf } from '../field.ts';

export type Answer = Readonly<{
  bytes: Buffer;
  /** The same, read. */
  value: object;
  counted: Counted | null;
  /** There are thoughts in it. */
  hasThought: boolean;
  /** Tokens of the answer's text, guessed; for an engine that says nothing. */
  tokensGuess: number;
}>;

/** Null where the bytes are no answer: HTML, an array, half a document. */
export function parseAnswer(
  bytes: Buffer,
  { model, operation }: Readonly<{ model: string; operation: Operation }>,
): Answer | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  const form = OPERATIONS[operation];
  if (!isObject(value) || !form.isAnswer(value)) return null;
  const isFree = form.isFree === true || isEmpty(value);
  const counted = isFree ? NOTHING_COUNTED : (form.usage ?? usageOf)(value);
  const measured = {
    counted,
    hasThought: hasThought(value),
    tokensGuess: counted === null ? guessTokens(textCharacters(value)) : 0,
  };
  const named = fieldOf(value, 'model');
  if (typeof named !== 'string' || named === model) return { bytes, value, ...measured };
  const renamed = { ...value, model };
  return { bytes: Buffer.from(JSON.stringify(renamed)), value: renamed, ...measured };
}

const NOTHING_COUNTED: Counted = { usage: NO_USAGE, cacheKind: null, clamps: [] };

function hasThought(answer: object): boolean {
  const choices = fieldOf(answer, 'choices');
  if (!Array.isArray(choices)) return false;
  return choices.some((choice) => reasoningOf(fieldOf(choice, 'message')) !== null);
}

/** An answer that never began to end and has nothing in it is paid by nobody. */
function isEmpty(answer: object): boolean {
  const choices = fieldOf(answer, 'choices');
  if (!Array.isArray(choices) || textCharacters(answer) > 0) return false;
  return choices.every((choice) => {
    const finish = fieldOf(choice, 'finish_reason');
    const calls = fieldOf(fieldOf(choice, 'message'), 'tool_calls');
    const hasCalls = Array.isArray(calls) && calls.length > 0;
    return !hasCalls && (typeof finish !== 'string' || finish === 'error');
  });
}

function usageOf(answer: object): Counted | null {
  return readUsage(fieldOf(answer, 'usage'));
}

/** Characters of text in all choices. */
function textCharacters(answer: object): number {
  const choices = fieldOf(answer, 'choices');
  if (!Array.isArray(choices)) return 0;
  let characters = 0;
  for (const choice of choices) {
    const message = fieldOf(choice, 'message');
    for (const text of [
      fieldOf(message, 'content'),
      reasoningOf(message),
      fieldOf(choice, 'text'),
    ]) {
      if (typeof text === 'string') characters += text.length;
    }
  }
  return characters;
}

/** Characters of text in one token, on the high side, so that a guess never charges too much. */
const CHARACTERS_PER_TOKEN = 4;

/** Tokens of so much text, for an engine that counts nothing. */
export function guessTokens(characters: number): number {
  return Math.floor(characters / CHARACTERS_PER_TOKEN);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What an engine says against a request, or null where it is no error in this dialect. */
export function parseRefusal(
  bytes: Buffer,
): Readonly<{ message: string; code: string | null; param: string | null }> | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  const error = fieldOf(value, 'error') ?? value;
  const message = typeof error === 'string' ? error : fieldOf(error, 'message');
  if (typeof message !== 'string') return null;
  return {
    message,
    code: stringOf(fieldOf(error, 'code')) ?? stringOf(fieldOf(error, 'type')),
    param: stringOf(fieldOf(error, 'param')),
  };
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
