/** The body of `POST /v1/chat/completions`. Fields that this engine does not know are ignored. */
import { z } from 'zod';

import { failRequest } from '../errors.ts';
import { parseBody, refuse } from './request-fields.ts';
import { samplingShape } from './sampling.ts';
import type { TemplateMessage } from './template.ts';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const toolCall = z.object({
  id: z.string().nullish(),
  type: z.literal('function').nullish(),
  function: z.object({ name: z.string(), arguments: z.unknown() }),
});

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  tool_calls: z.array(toolCall).nullish(),
});

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().min(1).max(128),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: z.string().nullish(),
      schema: z.record(z.string(), z.unknown()).nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** OpenAI allows 4; other servers more. Each costs a search per token. */
export const STOPS_MAX = 16;

const stopText = z.string().min(1).max(1_024);
export const stopField = z.union([stopText, z.array(stopText).max(STOPS_MAX)]).nullish();

export const streamFields = {
  stream: z.boolean().nullish(),
  stream_options: z
    .object({
      include_usage: z.boolean().nullish(),
      continuous_usage_stats: z.boolean().nullish(),
    })
    .nullish(),
};

/** Bounds what one request may ask for; the context bounds it further. */
const TOKENS_MAX = 10_000_000;
export const tokensField = z.number().int().min(1).max(TOKENS_MAX).nullish();

const chatSchema = z.looseObject({
  ...samplingShape,
  ...streamFields,
  model: z.string().nullish(),
  messages: z.array(message).min(1).max(10_000),
  max_tokens: tokensField,
  max_completion_tokens: tokensField,
  stop: stopField,
  n: z.number().int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  tools: z.array(tool).max(512).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  grammar: z.string().max(100_000).nullish(),
  chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
  enable_thinking: z.boolean().nullish(),
  reasoning_effort: z.string().nullish(),
});

export type ChatBody = z.infer<typeof chatSchema>;
export type ChatTool = z.infer<typeof tool>;
export type ChatToolChoice = z.infer<typeof toolChoice>;
export type ResponseFormat = z.infer<typeof responseFormat>;

/** Errors: `invalid_value`, `unsupported_parameter`. */
export function parseChatBody(body: unknown): ChatBody {
  const chat = parseBody(chatSchema, body);
  if ((chat.n ?? 1) !== 1) refuse('n', 'send the request several times instead');
  if (chat.top_logprobs !== null && chat.top_logprobs !== undefined && chat.logprobs !== true) {
    throw failRequest('invalid_value', "'top_logprobs' needs 'logprobs' to be true.", {
      param: 'top_logprobs',
    });
  }
  return chat;
}

/**
 * Messages in the form that templates expect: plain text content, `system` for `developer`, and
 * arguments of earlier tool calls as objects, because templates print them as JSON themselves.
 */
export function templateMessages(chat: ChatBody): TemplateMessage[] {
  return chat.messages.map((given, index) => ({
    ...given,
    role: given.role === 'developer' ? 'system' : given.role,
    content: plainContent(given.content, `messages.${index}.content`),
    ...(given.tool_calls === null || given.tool_calls === undefined
      ? {}
      : { tool_calls: given.tool_calls.map(withParsedArguments) }),
  }));
}

function plainContent(content: ChatBody['messages'][number]['content'], param: string): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  return content
    .map((part, index) => {
      if (part.type !== 'text')
        refuse(`${param}.${index}`, `the model reads text, not ${part.type}`);
      return part.text ?? '';
    })
    .join('');
}

function withParsedArguments(call: z.infer<typeof toolCall>): unknown {
  const given = call.function.arguments;
  return { ...call, function: { ...call.function, arguments: parsedArguments(given) } };
}

function parsedArguments(given: unknown): unknown {
  if (typeof given !== 'string') return given ?? {};
  try {
    return given === '' ? {} : JSON.parse(given);
  } catch {
    // A model may have written broken arguments earlier in the conversation; show them as they were.
    return given;
  }
}

/** Variables of the template, from the several fields that clients use to turn thinking off. */
export function templateVariables(chat: ChatBody): Record<string, unknown> {
  const thinking = chat.enable_thinking ?? (chat.reasoning_effort === 'none' ? false : undefined);
  return {
    ...(thinking === undefined ? {} : { enable_thinking: thinking }),
    ...chat.chat_template_kwargs,
  };
}

export function stopList(stop: ChatBody['stop']): string[] {
  if (stop === null || stop === undefined) return [];
  return typeof stop === 'string' ? [stop] : stop;
}
