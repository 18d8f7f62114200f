/**
 * A request of Anthropic's Messages API, in OpenAI's shape. What has a word on the other side is
 * translated; `cache_control` is accepted and needs nothing, because engines cache prefixes by
 * themselves; what Anthropic's own servers would run (their web search, remote MCP) is refused by name;
 * fields we do not know pass through for the engine to judge.
 * https://docs.anthropic.com/en/api/messages
 */
import { failRequest } from '../../errors.ts';
import type { Fields } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import { withEffort } from '../thinking.ts';
import { openAiMessages, systemMessages } from './messages.ts';

/** Translated below, or without meaning for an engine. */
const OWN_FIELDS = new Set([
  'max_tokens',
  'messages',
  'system',
  'stop_sequences',
  'metadata',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'service_tier',
  'context_management',
  'cache_control',
  'betas',
]);

/** They name things that only Anthropic's servers have. */
const REFUSED_FIELDS = ['mcp_servers', 'container', 'inference_geo'] as const;

/** Raises `invalid_value`. */
export function chatFields(fields: Fields): Fields {
  const limit = fields['max_tokens'];
  if (limit === undefined) throw invalid('max_tokens', 'field required');
  return { ...promptFields(fields), ...settings(fields), max_tokens: limit };
}

/** What the prompt is made of: all that counting tokens needs. */
export function promptFields(fields: Fields): Fields {
  refuseForeign(fields);
  const messages = [...systemMessages(fields['system']), ...openAiMessages(fields['messages'])];
  const tools = functionTools(fields['tools']);
  return {
    model: fields['model'],
    messages,
    ...(tools === null ? {} : { tools, ...toolChoice(fields['tool_choice']) }),
    ...thinking(fields['thinking'], fields['max_tokens']),
  };
}

function settings(fields: Fields): Fields {
  const others = Object.entries(fields).filter(([name]) => !OWN_FIELDS.has(name));
  const stop = fields['stop_sequences'];
  const user = fieldOf(fields['metadata'], 'user_id');
  return {
    ...Object.fromEntries(others),
    ...(Array.isArray(stop) && stop.length > 0 ? { stop } : {}),
    ...(typeof user === 'string' ? { user } : {}),
    ...outputFormat(fields),
    ...serviceTier(fields['service_tier']),
  };
}

function refuseForeign(fields: Fields): void {
  for (const name of REFUSED_FIELDS) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    throw invalid(name, 'is not offered here');
  }
}

function functionTools(tools: unknown): unknown[] | null {
  if (tools === undefined || tools === null) return null;
  if (!Array.isArray(tools)) throw invalid('tools', 'should be a list');
  return tools.length === 0 ? null : tools.map((tool, index) => functionTool(tool, index));
}

function functionTool(tool: unknown, index: number): unknown {
  const type = fieldOf(tool, 'type') ?? 'custom';
  if (type !== 'custom') {
    throw invalid(
      `tools.${index}.type`,
      `${JSON.stringify(type)} is a tool of Anthropic's servers; describe it with input_schema`,
    );
  }
  const [name, description, strict] = ['name', 'description', 'strict'].map((field) =>
    fieldOf(tool, field),
  );
  if (typeof name !== 'string' || name === '') {
    throw invalid(`tools.${index}.name`, 'should be a string');
  }
  const parameters = fieldOf(tool, 'input_schema') ?? { type: 'object', properties: {} };
  return { type: 'function', function: { name, description, parameters, strict } };
}

const CHOICES: Readonly<Record<string, string>> = { auto: 'auto', any: 'required', none: 'none' };

function toolChoice(choice: unknown): Fields {
  if (choice === undefined || choice === null) return {};
  const type = fieldOf(choice, 'type');
  const parallel =
    fieldOf(choice, 'disable_parallel_tool_use') === true ? { parallel_tool_calls: false } : {};
  if (type === 'tool') {
    const name = fieldOf(choice, 'name');
    return { tool_choice: { type: 'function', function: { name } }, ...parallel };
  }
  const known = typeof type === 'string' ? CHOICES[type] : undefined;
  if (known === undefined) throw invalid('tool_choice.type', 'should be auto, any, tool or none');
  return { tool_choice: known, ...parallel };
}

/** Left out, a model does what it does by default. */
function thinking(value: unknown, limit: unknown): Fields {
  const type = fieldOf(value, 'type');
  if (type === undefined) return {};
  if (type !== 'enabled' && type !== 'disabled' && type !== 'adaptive') {
    throw invalid('thinking.type', 'should be enabled, adaptive or disabled');
  }
  const budget = type === 'enabled' ? withEffort(fieldOf(value, 'budget_tokens'), limit) : {};
  return { chat_template_kwargs: { enable_thinking: type !== 'disabled' }, ...budget };
}

function outputFormat(fields: Fields): Fields {
  const config = fields['output_config'];
  const effort = fieldOf(config, 'effort');
  const format = fieldOf(config, 'format') ?? fields['output_format'];
  const reasoning = typeof effort === 'string' ? { reasoning_effort: effort } : {};
  if (format === undefined || format === null) return reasoning;
  if (fieldOf(format, 'type') !== 'json_schema') {
    throw invalid('output_config.format.type', 'should be json_schema');
  }
  const schema = fieldOf(format, 'schema');
  const json_schema = { name: 'answer', strict: true, schema };
  return { ...reasoning, response_format: { type: 'json_schema', json_schema } };
}

function serviceTier(tier: unknown): Fields {
  if (typeof tier !== 'string') return {};
  return { service_tier: tier === 'standard_only' ? 'default' : tier };
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param}: ${what}.`, { param });
}
