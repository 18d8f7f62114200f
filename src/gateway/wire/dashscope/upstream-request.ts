/**
 * A chat or embeddings of OpenAI's shape as a request to DashScope itself. Pure; the other way round is
 * in `generation-request.ts`. Whatever DashScope has no word for is refused, and an unknown field is
 * handed on as a parameter for it to judge.
 */
import { failRequest } from '../../errors.ts';
import type { ParsedRequest } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import { thinkingIn } from '../thinking.ts';

type Fields = Readonly<Record<string, unknown>>;

export type NativeRequest = Readonly<{ path: string; body: Fields }>;

const SERVICES = '/api/v1/services';
const TEXT = `${SERVICES}/aigc/text-generation/generation`;
const MULTIMODAL = `${SERVICES}/aigc/multimodal-generation/generation`;
const RERANK = `${SERVICES}/rerank/text-rerank/text-rerank`;
const EMBEDDING = `${SERVICES}/embeddings/text-embedding/text-embedding`;

/** Raises `unsupported_operation` and `invalid_value`. */
export function nativeRequest(request: ParsedRequest, model: string | null): NativeRequest {
  const named = model ?? request.model;
  if (request.operation === 'chat') return nativeChat(request.fields, named);
  if (request.operation === 'embeddings') return nativeEmbeddings(request.fields, named);
  if (request.operation === 'rerank') return nativeRerank(request.fields, named);
  throw failRequest(
    'unsupported_operation',
    `A provider of the DashScope kind has no ${request.operation}.`,
  );
}

function nativeChat(fields: Fields, model: string): NativeRequest {
  const {
    model: _model,
    messages,
    stream: _stream,
    stream_options: _options,
    max_completion_tokens: completionMax,
    chat_template_kwargs: template,
    reasoning_effort: _effort,
    thinking_budget: _budget,
    ...parameters
  } = fields;
  const given: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const isText = given.every((message) => isPlainText(fieldOf(message, 'content')));
  return {
    path: isText ? TEXT : MULTIMODAL,
    body: {
      model,
      input: { messages: given.map((message) => nativeMessage(message, isText)) },
      parameters: {
        ...parameters,
        ...thinkingParameters(fields, templateParameters(template)),
        ...(completionMax !== undefined && { max_tokens: completionMax }),
        result_format: 'message',
        incremental_output: true,
      },
    },
  };
}

/** Words of OpenAI's become what DashScope counts in. */
function thinkingParameters(fields: Fields, given: Fields): Fields {
  const asked = thinkingIn(fields, given['enable_thinking'] ?? fields['enable_thinking']);
  if (asked === null) return given;
  return {
    enable_thinking: asked.isOn,
    ...(asked.budget !== null && { thinking_budget: asked.budget }),
  };
}

/** Thinking is a parameter there; other variables of a template mean nothing to it. */
function templateParameters(template: unknown): Fields {
  if (typeof template !== 'object' || template === null) return {};
  const { enable_thinking: thinks, ...others } = Object.fromEntries(Object.entries(template));
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const param = `chat_template_kwargs.${unknown}`;
    throw failRequest('invalid_value', `${param} is not known to this model.`, { param });
  }
  return thinks === undefined ? {} : { enable_thinking: thinks };
}

function isPlainText(content: unknown): boolean {
  if (!Array.isArray(content)) return true;
  return content.every((part) => fieldOf(part, 'type') === 'text' && isOnly(part, 'text'));
}

/** No marks for a cache or the like beside the text, which would be lost with the part. */
function isOnly(part: object, name: string): boolean {
  return Object.keys(part).every((key) => key === 'type' || key === name);
}

function nativeMessage(message: unknown, isText: boolean): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const role = fieldOf(message, 'role') === 'developer' ? 'system' : fieldOf(message, 'role');
  const content = fieldOf(message, 'content');
  if (!isText) return { ...message, role, content: partsOf(content) };
  if (!Array.isArray(content)) return { ...message, role };
  return { ...message, role, content: content.map((part) => fieldOf(part, 'text')).join('') };
}

function partsOf(content: unknown): readonly unknown[] {
  if (typeof content === 'string') return [{ text: content }];
  return Array.isArray(content) ? content.map(nativePart) : [];
}

function nativePart(part: unknown): unknown {
  const kind = fieldOf(part, 'type');
  const { type: _type, ...rest } = Object.fromEntries(
    typeof part === 'object' && part !== null ? Object.entries(part) : [],
  );
  if (kind === 'text') return rest;
  const { image_url: image, ...others } = rest;
  const url = fieldOf(image, 'url');
  if (kind === 'image_url' && typeof url === 'string') return { ...others, image: url };
  throw failRequest('invalid_value', 'This model reads texts and images only.', {
    param: 'messages',
  });
}

function nativeEmbeddings(fields: Fields, model: string): NativeRequest {
  const { model: _model, input, dimensions, encoding_format: encoding, ...parameters } = fields;
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string')) {
    throw failRequest('invalid_value', 'This model takes texts, not tokens.', { param: 'input' });
  }
  if ((encoding ?? 'float') !== 'float') {
    throw failRequest('invalid_value', 'This model gives its vectors as numbers only.', {
      param: 'encoding_format',
    });
  }
  const dimension = dimensions === undefined ? {} : { dimension: dimensions };
  return {
    path: EMBEDDING,
    body: { model, input: { texts }, parameters: { ...parameters, ...dimension } },
  };
}

function nativeRerank(fields: Fields, model: string): NativeRequest {
  const { model: _model, query, documents, ...parameters } = fields;
  return { path: RERANK, body: { model, input: { query, documents }, parameters } };
}
