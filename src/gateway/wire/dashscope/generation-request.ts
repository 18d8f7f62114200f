/**
 * A native text generation of DashScope as a chat of OpenAI's, which is what every engine speaks. What
 * differs is translated, what only shapes the answer is kept aside, and every other parameter goes to
 * the engine under its own name. "Qwen API reference", DashScope.
 */
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';
import { type ChatMessage, chatMessages } from './messages.ts';

/** How the caller wants its answer. */
export type GenerationShape = Readonly<{
  isStream: boolean;
  /** Each event carries what is new, or else everything so far. */
  isIncremental: boolean;
  format: 'message' | 'text';
  /** Content is a list of parts. */
  isMultimodal: boolean;
}>;

export type Generation = Readonly<{
  shape: GenerationShape;
  /** The body of a chat, without `stream`: asking for events is the relay's affair. */
  chat: Readonly<Record<string, unknown>> & Readonly<{ messages: readonly ChatMessage[] }>;
}>;

export type GenerationOptions = Readonly<{ isMultimodal: boolean; wantsEvents: boolean }>;

/** Parameters that are ours to read; an engine would not know them. */
const SHAPING = new Set([
  'result_format',
  'incremental_output',
  'stream',
  'enable_search',
  'search_options',
  'stop',
]);
/** Names that an engine reads and that DashScope has elsewhere: here they are a mistake. */
const MISPLACED = new Set(['model', 'messages', 'stream_options', 'prompt', 'input']);

/** Raises `invalid_value`. */
export function parseGeneration(
  fields: Readonly<Record<string, unknown>>,
  options: GenerationOptions,
): Generation {
  const parameters = objectOf(fields['parameters'], 'parameters');
  if (flag(parameters, 'enable_search') === true) {
    throw refuse('parameters.enable_search', 'This model does not support enable_search.');
  }
  const misplaced = Object.keys(parameters).find((name) => MISPLACED.has(name));
  if (misplaced !== undefined) {
    throw refuse(`parameters.${misplaced}`, `${misplaced} does not belong into parameters.`);
  }
  const passed = Object.entries(parameters).filter(([name]) => !SHAPING.has(name));
  return {
    shape: shapeOf(parameters, options),
    chat: {
      model: fields['model'],
      messages: chatMessages(fields['input']),
      ...Object.fromEntries(passed),
      ...stopOf(parameters['stop']),
    },
  };
}

function shapeOf(
  parameters: Readonly<Record<string, unknown>>,
  { isMultimodal, wantsEvents }: GenerationOptions,
): GenerationShape {
  const thinks = flag(parameters, 'enable_thinking') === true;
  const hasTools = Array.isArray(parameters['tools']);
  const asked = parameters['result_format'] ?? null;
  if (asked !== null && asked !== 'message' && asked !== 'text') {
    throw refuse('parameters.result_format', 'result_format should be "message" or "text".');
  }
  // Text has no place for thoughts or calls, so it cannot hold an answer with them.
  const isMessage = isMultimodal || thinks || hasTools || asked === 'message';
  return {
    isStream: wantsEvents || flag(parameters, 'stream') === true,
    isIncremental: flag(parameters, 'incremental_output') ?? thinks,
    format: isMessage ? 'message' : 'text',
    isMultimodal,
  };
}

/** Texts, one or several. Token ids differ between models, and engines take none. */
function stopOf(stop: unknown): Readonly<{ stop?: unknown }> {
  if (stop === undefined || stop === null) return {};
  const isText = typeof stop === 'string';
  const areTexts = Array.isArray(stop) && stop.every((one) => typeof one === 'string');
  if (!isText && !areTexts) {
    throw refuse('parameters.stop', 'stop should be a text or a list of texts.');
  }
  return { stop };
}

function flag(fields: Readonly<Record<string, unknown>>, name: string): boolean | null {
  const value = fieldOf(fields, name) ?? null;
  if (value === null || typeof value === 'boolean') return value;
  throw refuse(`parameters.${name}`, `${name} should be true or false.`);
}

function objectOf(value: unknown, param: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(param, `${param} should be an object.`);
  }
  return Object.fromEntries(Object.entries(value));
}

function refuse(param: string, message: string): FlywheelError {
  return failRequest('invalid_value', message, { param });
}
