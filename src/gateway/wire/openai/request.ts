/**
 * A request in OpenAI's dialect: what the gateway itself must know of it, and the body that goes to
 * the engine. Only what is needed to admit and route is checked here; everything else, unknown
 * fields included, passes through for the engine to judge.
 */
import { isUtf8 } from 'node:buffer';
import { failRequest } from '../../errors.ts';
import { type Use, expectedUse, isUnitOperation } from '../../usage/units.ts';
import { formNaming } from './form.ts';
import { type PassThrough, isPassThrough, mayHaveOutput, readCharacters } from './pass-through.ts';
import { fieldOf } from '../field.ts';

export type Operation = 'chat' | 'completions' | 'embeddings' | 'tokenize' | PassThrough;

export type ParsedRequest = Readonly<{
  operation: Operation;
  model: string;
  isStream: boolean;
  /** The caller asked for usage in the stream; otherwise ours is taken out again. */
  wantsUsage: boolean;
  /** Characters of text in the prompt, for a guess of its tokens where the engine counts nothing. */
  promptCharacters: number;
  /** Tokens that the answer may have, all choices together; null where the caller set no limit. */
  outputTokensMax: number | null;
  choices: number;
  /** The most that it may use beside tokens; absent where it uses nothing else. */
  expected?: Use;
  /** What it uses as far as it says so itself, for an engine that does not. */
  known?: Use;
  fields: Fields;
  bytes: Buffer;
  /** Of `bytes`. */
  contentType: string;
}>;

export type Fields = Readonly<Record<string, unknown>>;

/** Raises `invalid_json` or `invalid_value`. */
export function parseRequest(operation: Operation, bytes: Buffer): ParsedRequest {
  return describeRequest(operation, parseObject(bytes), bytes);
}

/**
 * A request that another dialect was turned into. A stream asks for usage, because whoever encodes the
 * answer needs it. Raises `invalid_value`, and `invalid_json` where it is nested too deeply.
 */
export function convertedRequest(operation: Operation, fields: Fields): ParsedRequest {
  const asking =
    fields['stream'] === true ? { ...fields, stream_options: { include_usage: true } } : fields;
  return describeRequest(operation, asking, serialize(asking));
}

function describeRequest(operation: Operation, fields: Fields, bytes: Buffer): ParsedRequest {
  const generates = operation === 'chat' || operation === 'completions';
  const isStream = generates && flag(fields, 'stream');
  const choices = wholeNumber(fields, 'n', 1, CHOICES_MAX) ?? 1;
  const limit =
    wholeNumber(fields, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER) ??
    wholeNumber(fields, 'max_tokens', operation === 'completions' ? 0 : 1, Number.MAX_SAFE_INTEGER);
  return {
    operation,
    model: modelName(fields),
    isStream,
    wantsUsage: isStream && streamOptions(fields),
    promptCharacters: promptCharacters(operation, fields),
    outputTokensMax: outputTokensMax(operation, limit, choices),
    choices,
    ...(isUnitOperation(operation) && { expected: expectedUse(operation, fields) }),
    fields,
    bytes,
    contentType: 'application/json',
  };
}

/** A form, whose fields are those that we must know. Raises `invalid_value`. */
export function parsedForm(
  operation: PassThrough,
  form: Readonly<{ fields: Fields; bytes: Buffer; contentType: string }>,
): ParsedRequest {
  const { contentType } = form;
  return { ...describeRequest(operation, form.fields, form.bytes), contentType };
}

function outputTokensMax(
  operation: Operation,
  limit: number | null,
  choices: number,
): number | null {
  if (isPassThrough(operation)) return mayHaveOutput(operation) ? null : 0;
  if (operation !== 'chat' && operation !== 'completions') return 0;
  return limit === null ? null : limit * choices;
}

/** OpenAI's own limit; more is a mistake. */
const CHOICES_MAX = 128;
const MODEL_NAME_CHARACTERS_MAX = 200;

/** The body as an object, of any dialect. Raises `invalid_json`. */
export function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw failRequest('invalid_json', 'The body is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own message quotes the body, which may hold a prompt.
    throw failRequest('invalid_json', 'The body is not valid JSON.');
  }
  if (!isObject(value)) throw failRequest('invalid_json', 'The body should be a JSON object.');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function modelName(fields: Fields): string {
  const model = fields['model'];
  if (model === undefined) throw invalid('model', 'is missing');
  if (typeof model !== 'string' || model === '' || model.length > MODEL_NAME_CHARACTERS_MAX) {
    throw invalid('model', 'should be the name of a model');
  }
  return model;
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalid(name, 'should be true or false');
  return value;
}

function streamOptions(fields: Fields): boolean {
  const options = fields['stream_options'];
  if (options === undefined || options === null) return false;
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid('stream_options', 'should be an object');
  }
  const wanted = fieldOf(options, 'include_usage');
  if (wanted === undefined || wanted === null) return false;
  if (typeof wanted !== 'boolean') {
    throw invalid('stream_options.include_usage', 'should be true or false');
  }
  return wanted;
}

function wholeNumber(fields: Fields, name: string, min: number, max: number): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(name, `should be a whole number of at least ${min}`);
  }
  return value;
}

function promptCharacters(operation: Operation, fields: Fields): number {
  if (isPassThrough(operation)) return readCharacters(operation, fields);
  if (operation === 'chat' || operation === 'tokenize')
    return messagesCharacters(fields['messages']);
  const name = operation === 'completions' ? 'prompt' : 'input';
  const value = fields[name];
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(name, 'should be a string or a list that is not empty');
  }
  let characters = 0;
  for (const item of value) characters += typeof item === 'string' ? item.length : 4;
  return characters;
}

function messagesCharacters(messages: unknown): number {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', 'should be a list that is not empty');
  }
  let characters = 0;
  for (let index = 0; index < messages.length; index += 1) {
    const message: unknown = messages[index];
    if (typeof fieldOf(message, 'role') !== 'string') {
      throw invalid(`messages[${index}].role`, 'should be a string');
    }
    characters += contentCharacters(fieldOf(message, 'content'), `messages[${index}].content`);
  }
  return characters;
}

function contentCharacters(content: unknown, param: string): number {
  if (typeof content === 'string') return content.length;
  if (content === undefined || content === null) return 0;
  if (!Array.isArray(content)) throw invalid(param, 'should be a string or a list of parts');
  let characters = 0;
  for (const part of content) {
    const text = fieldOf(part, 'text');
    if (typeof text === 'string') characters += text.length;
  }
  return characters;
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param} ${what}.`, { param });
}

const USAGE_PREFIX = Buffer.from('{"stream_options":{"include_usage":true},');
const OPENING_BRACE = 0x7b;

/**
 * The body for the engine: the caller's own bytes wherever possible. A stream always asks for usage;
 * where that is all that is missing it is put in front, without writing the rest anew.
 */
export function upstreamBody(request: ParsedRequest, upstreamModel: string | null): Buffer {
  const { bytes, fields } = request;
  const isOtherModel = upstreamModel !== null && upstreamModel !== request.model;
  const lacksUsage = request.isStream && !request.wantsUsage;
  if (!isOtherModel && !lacksUsage) return bytes;
  if (request.contentType !== 'application/json') {
    return isOtherModel ? formNaming(bytes, request.contentType, upstreamModel) : bytes;
  }
  if (!isOtherModel && fields['stream_options'] === undefined) {
    return Buffer.concat([USAGE_PREFIX, bytes.subarray(bytes.indexOf(OPENING_BRACE) + 1)]);
  }
  const rewritten: Record<string, unknown> = { ...fields };
  if (isOtherModel) rewritten['model'] = upstreamModel;
  if (lacksUsage) {
    const options = fields['stream_options'];
    rewritten['stream_options'] = {
      ...(typeof options === 'object' ? options : {}),
      include_usage: true,
    };
  }
  return serialize(rewritten);
}

/** Raises `invalid_json` where it is nested too deeply to be written. */
export function serialize(fields: Fields): Buffer {
  try {
    return Buffer.from(JSON.stringify(fields));
  } catch {
    throw failRequest('invalid_json', 'The body is nested too deeply.');
  }
}
