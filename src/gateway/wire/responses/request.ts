/** A request of the Responses API as a chat, and what its answer repeats of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { failRequest } from '../../errors.ts';
import { askedTier } from '../../queue/service-tier.ts';
import type { Fields } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import { chatMessages } from './items.ts';
import { type Toolbox, openToolbox, toolChoice } from './tools.ts';

/** Translated, answered by ourselves, or a hint that changes nothing. */
const OWN_FIELDS = new Set([
  'input',
  'instructions',
  'max_output_tokens',
  'previous_response_id',
  'store',
  'tools',
  'tool_choice',
  'text',
  'reasoning',
  'include',
  'truncation',
  'max_tool_calls',
  'metadata',
  'background',
  'client_metadata',
  'stream_options',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
]);

/** They name things that only OpenAI's servers have. */
const REFUSED_FIELDS = ['conversation', 'prompt', 'context_management'] as const;

/** The request's own items, as a list whichever way they came. Raises `invalid_value`. */
export function inputItems(input: unknown): readonly unknown[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  if (Array.isArray(input) && input.length > 0) return input;
  throw invalid('input', 'should be a string or a list that is not empty');
}

/** `items` is the whole conversation, what was kept before included. Raises `invalid_value`. */
export function chatFields(fields: Fields, items: readonly unknown[], toolbox: Toolbox): Fields {
  const { functions } = toolbox;
  const others = Object.entries(fields).filter(([name]) => !OWN_FIELDS.has(name));
  const limit = fields['max_output_tokens'];
  return {
    ...Object.fromEntries(others),
    messages: chatMessages(fields['instructions'], items),
    ...(functions.length === 0
      ? { parallel_tool_calls: undefined }
      : { tools: functions, tool_choice: toolChoice(fields['tool_choice']) }),
    ...(limit === undefined || limit === null ? {} : { max_tokens: limit }),
    ...reasoning(fields['reasoning']),
    ...format(fieldOf(fields['text'], 'format')),
  };
}

export function toolboxOf(fields: Fields): Toolbox {
  for (const name of REFUSED_FIELDS) {
    const value = fields[name];
    if (value !== undefined && value !== null) throw invalid(name, 'is not offered here');
  }
  if (fields['background'] === true) throw invalid('background', 'is not offered here');
  return openToolbox(fields['tools']);
}

function reasoning(value: unknown): Fields {
  const effort = fieldOf(value, 'effort');
  return typeof effort === 'string' ? { reasoning_effort: effort } : {};
}

function format(value: unknown): Fields {
  const type = fieldOf(value, 'type');
  if (type === undefined || type === 'text') return {};
  if (type === 'json_object') return { response_format: { type } };
  if (type !== 'json_schema') {
    throw invalid('text.format.type', 'should be text, json_object or json_schema');
  }
  const [name, schema, strict] = ['name', 'schema', 'strict'].map((field) => fieldOf(value, field));
  return { response_format: { type, json_schema: { name, schema, strict } } };
}

export type ResponseSettings = Readonly<Record<string, unknown>> & Readonly<{ store: boolean }>;

/** What every response says again of the request that it answers. */
export function responseSettings(
  fields: Fields,
  toolbox: Toolbox,
  headers: IncomingHttpHeaders,
): ResponseSettings {
  const or = (name: string, otherwise: unknown): unknown => fields[name] ?? otherwise;
  const summary = fieldOf(fields['reasoning'], 'summary') ?? null;
  const effort = fieldOf(fields['reasoning'], 'effort') ?? null;
  return {
    instructions: or('instructions', null),
    max_output_tokens: or('max_output_tokens', null),
    max_tool_calls: or('max_tool_calls', null),
    metadata: or('metadata', {}),
    parallel_tool_calls: or('parallel_tool_calls', true),
    previous_response_id: or('previous_response_id', null),
    prompt_cache_key: or('prompt_cache_key', null),
    reasoning: { effort, summary },
    safety_identifier: or('safety_identifier', null),
    // The class that serves it: of `auto` that is the usual one.
    service_tier: askedTier(headers, fields) ?? 'default',
    store: fields['store'] !== false,
    temperature: or('temperature', null),
    text: or('text', { format: { type: 'text' } }),
    tool_choice: or('tool_choice', 'auto'),
    tools: toolbox.offered,
    top_logprobs: or('top_logprobs', 0),
    top_p: or('top_p', null),
    truncation: or('truncation', 'disabled'),
    user: or('user', null),
  };
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param}: ${what}.`, { param });
}
