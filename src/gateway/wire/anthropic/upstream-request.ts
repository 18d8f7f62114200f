/** A chat in OpenAI's shape as a request of Anthropic's Messages API: the way back of request.ts. */
import { failRequest } from '../../errors.ts';
import type { Fields, ParsedRequest } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import { thinkingIn } from '../thinking.ts';
import { upstreamMessages, upstreamSystem } from './upstream-messages.ts';

/** Anthropic asks for a limit always; most of its models write up to this much. */
const MAX_TOKENS_DEFAULT = 8_192;
/** Anthropic asks for at least this much thinking. */
const THINKING_TOKENS_MIN = 1_024;

/** They mean the same on both sides. */
const COMMON_FIELDS = ['stream', 'temperature', 'top_p', 'top_k'] as const;

/** Raises `invalid_value` and `unsupported_operation`. */
export function messagesRequest(request: ParsedRequest, model: string | null): Fields {
  const { fields, operation } = request;
  if (operation !== 'chat' && operation !== 'tokenize') {
    throw failRequest(
      'unsupported_operation',
      `The provider of this model cannot do ${operation}.`,
    );
  }
  refuseForeign(fields);
  const prompt = {
    model: model ?? request.model,
    messages: upstreamMessages(fields['messages']),
    ...upstreamSystem(fields['messages']),
    ...tools(fields),
  };
  if (operation === 'tokenize') return prompt;
  const max_tokens = fields['max_completion_tokens'] ?? fields['max_tokens'] ?? MAX_TOKENS_DEFAULT;
  const common = COMMON_FIELDS.filter((name) => isSet(fields[name]));
  return {
    ...prompt,
    max_tokens,
    ...Object.fromEntries(common.map((name) => [name, fields[name]])),
    ...stops(fields['stop']),
    ...(typeof fields['user'] === 'string' ? { metadata: { user_id: fields['user'] } } : {}),
    ...thinking(fields, max_tokens),
    ...outputFormat(fields['response_format']),
  };
}

/** Without a word for it on the other side, an answer would not be what was asked for. */
function refuseForeign(fields: Fields): void {
  const foreign = [
    fields['n'] !== 1 && 'n',
    fields['logprobs'] === true && 'logprobs',
    isSet(fields['logit_bias']) &&
      Object.keys(Object(fields['logit_bias'])).length > 0 &&
      'logit_bias',
    fields['presence_penalty'] !== 0 && 'presence_penalty',
    fields['frequency_penalty'] !== 0 && 'frequency_penalty',
  ].find((name) => typeof name === 'string' && isSet(fields[name]));
  if (typeof foreign !== 'string') return;
  throw failRequest(
    'invalid_value',
    `${foreign} is not understood by the provider of this model.`,
    {
      param: foreign,
    },
  );
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const CHOICES: Readonly<Record<string, string>> = { auto: 'auto', required: 'any', none: 'none' };

function tools(fields: Fields): Fields {
  const given = fields['tools'];
  if (!Array.isArray(given) || given.length === 0) return {};
  const described = given.map((tool: unknown) => {
    const called = fieldOf(tool, 'function');
    const input_schema = fieldOf(called, 'parameters') ?? { type: 'object', properties: {} };
    const description = fieldOf(called, 'description');
    return {
      name: fieldOf(called, 'name'),
      ...(typeof description === 'string' ? { description } : {}),
      input_schema,
    };
  });
  const alone = fields['parallel_tool_calls'] === false;
  const choice = toolChoice(fields['tool_choice']) ?? (alone ? { type: 'auto' } : null);
  if (choice === null) return { tools: described };
  const isOne = alone && choice.type !== 'none';
  const tool_choice = isOne ? { ...choice, disable_parallel_tool_use: true } : choice;
  return { tools: described, tool_choice };
}

function toolChoice(choice: unknown): Readonly<{ type: string; name?: unknown }> | null {
  if (typeof choice === 'string') return { type: CHOICES[choice] ?? 'auto' };
  const name = fieldOf(fieldOf(choice, 'function'), 'name');
  return name === undefined ? null : { type: 'tool', name };
}

function stops(stop: unknown): Fields {
  const list = typeof stop === 'string' ? [stop] : stop;
  return Array.isArray(list) && list.length > 0 ? { stop_sequences: list } : {};
}

function thinking(fields: Fields, maxTokens: unknown): Fields {
  const enabled =
    fieldOf(fields['chat_template_kwargs'], 'enable_thinking') ?? fields['enable_thinking'];
  const asked = thinkingIn({ ...fields, max_tokens: maxTokens }, enabled);
  if (asked === null) return {};
  if (!asked.isOn) return { thinking: { type: 'disabled' } };
  const limit = typeof maxTokens === 'number' ? maxTokens : 0;
  if (limit <= THINKING_TOKENS_MIN) return {};
  const wanted = asked.budget ?? Math.floor(limit / 2);
  const budget_tokens = Math.min(Math.max(THINKING_TOKENS_MIN, wanted), limit - 1);
  return { thinking: { type: 'enabled', budget_tokens } };
}

function outputFormat(format: unknown): Fields {
  if (fieldOf(format, 'type') !== 'json_schema') return {};
  const schema = fieldOf(fieldOf(format, 'json_schema'), 'schema');
  return { output_config: { format: { type: 'json_schema', schema } } };
}
