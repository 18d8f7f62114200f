/** The same call in the words of each API that the cloud speaks: address, headers and body. Pure. */
export type SnippetWire = 'chat' | 'responses' | 'messages' | 'dashscope';

/** Names of APIs are the same in every language. */
export const WIRE_LABELS: Readonly<Record<SnippetWire, string>> = {
  chat: 'OpenAI Chat',
  responses: 'OpenAI Responses',
  messages: 'Anthropic Messages',
  dashscope: 'DashScope',
};

export const WIRES: readonly SnippetWire[] = ['chat', 'responses', 'messages', 'dashscope'];

export type SnippetCall = Readonly<{
  url: string;
  model: string;
  messages: readonly Readonly<{ role: string; content: string }>[];
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  thinking?: boolean | undefined;
}>;

export type WireRequest = Readonly<{
  path: string;
  /** Beside the content type; the key is an environment variable, written as a shell does. */
  headers: readonly string[];
  body: Readonly<Record<string, unknown>>;
}>;

const BEARER = 'Authorization: Bearer $FLYWHEEL_API_KEY';
/** Messages cannot be asked for without a limit. */
const MAX_TOKENS_DEFAULT = 1024;

type Shape = Readonly<{
  path: string;
  headers: readonly string[];
  bodyOf: (call: SnippetCall) => Readonly<Record<string, unknown>>;
}>;

const SHAPES: Readonly<Record<SnippetWire, Shape>> = {
  chat: { path: '/v1/chat/completions', headers: [BEARER], bodyOf: chatBody },
  responses: { path: '/v1/responses', headers: [BEARER], bodyOf: responsesBody },
  messages: {
    path: '/v1/messages',
    headers: ['x-api-key: $FLYWHEEL_API_KEY', 'anthropic-version: 2023-06-01'],
    bodyOf: messagesBody,
  },
  dashscope: {
    path: '/api/v1/services/aigc/text-generation/generation',
    headers: [BEARER, 'X-DashScope-SSE: enable'],
    bodyOf: dashScopeBody,
  },
};

export function wireRequest(wire: SnippetWire, call: SnippetCall): WireRequest {
  const { bodyOf, ...rest } = SHAPES[wire];
  return { ...rest, body: bodyOf(call) };
}

function chatBody(call: SnippetCall): Record<string, unknown> {
  return {
    model: call.model,
    messages: call.messages,
    temperature: call.temperature,
    top_p: call.topP,
    max_tokens: call.maxTokens,
    chat_template_kwargs: templateSettings(call),
    stream: true,
  };
}

function responsesBody(call: SnippetCall): Record<string, unknown> {
  return {
    model: call.model,
    instructions: systemOf(call),
    input: turnsOf(call),
    temperature: call.temperature,
    top_p: call.topP,
    max_output_tokens: call.maxTokens,
    chat_template_kwargs: templateSettings(call),
    stream: true,
  };
}

function messagesBody(call: SnippetCall): Record<string, unknown> {
  const { thinking, maxTokens = MAX_TOKENS_DEFAULT } = call;
  return {
    model: call.model,
    system: systemOf(call),
    messages: turnsOf(call),
    max_tokens: maxTokens,
    temperature: call.temperature,
    top_p: call.topP,
    thinking: thinking === undefined ? undefined : thinkingOf(thinking, maxTokens),
    stream: true,
  };
}

function thinkingOf(isOn: boolean, maxTokens: number) {
  return isOn ? { type: 'enabled', budget_tokens: maxTokens } : { type: 'disabled' };
}

function dashScopeBody(call: SnippetCall): Record<string, unknown> {
  return {
    model: call.model,
    input: { messages: call.messages },
    parameters: {
      result_format: 'message',
      incremental_output: true,
      temperature: call.temperature,
      top_p: call.topP,
      max_tokens: call.maxTokens,
      enable_thinking: call.thinking,
    },
  };
}

function templateSettings({ thinking }: SnippetCall) {
  return thinking === undefined ? undefined : { enable_thinking: thinking };
}

function systemOf({ messages }: SnippetCall): string | undefined {
  const texts = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function turnsOf({ messages }: SnippetCall) {
  return messages.filter(({ role }) => role !== 'system');
}
