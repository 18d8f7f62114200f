/** An engine's whole answer as a message of Anthropic's. */
import { reasoningOf } from '../openai/reasoning.ts';
import type { ServiceTier } from '../../queue/service-tier.ts';
import { fieldOf } from '../field.ts';
import { parseUsage } from '../openai/usage.ts';

/** Clients keep thoughts only with a signature; ours says that nobody signed. */
export const UNSIGNED = 'unsigned';

export type MessageIdentity = Readonly<{
  requestId: string;
  model: string;
  /** The class that serves it, where the caller spoke of one. */
  tier?: ServiceTier | null;
}>;

export function anthropicMessage(answer: object, identity: MessageIdentity): object {
  const choices = fieldOf(answer, 'choices');
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = fieldOf(choice, 'message');
  const content = contentOf(message);
  const hasCalls = content.some((block) => block.type === 'tool_use');
  return {
    ...messageHead(identity),
    content,
    ...stopOf(choice, hasCalls),
    usage: { ...anthropicUsage(fieldOf(answer, 'usage')), ...tierOf(identity) },
  };
}

/** What every message begins with, whole or streamed. */
export function messageHead({ requestId, model }: MessageIdentity) {
  const id = `msg_${requestId.replace(/^req_/, '')}`;
  return { id, type: 'message', role: 'assistant', model } as const;
}

/** In Anthropic's words, which know no flex. https://docs.anthropic.com/en/api/service-tiers */
export function tierOf({ tier }: MessageIdentity) {
  if (tier === undefined || tier === null) return {};
  return { service_tier: tier === 'priority' ? 'priority' : 'standard' } as const;
}

type Block = Readonly<Record<string, unknown>> & Readonly<{ type: string }>;

function contentOf(message: unknown): Block[] {
  const blocks: Block[] = [];
  const thinking = reasoningOf(message);
  if (thinking !== null) {
    blocks.push({ type: 'thinking', thinking, signature: UNSIGNED });
  }
  const text = fieldOf(message, 'content');
  if (typeof text === 'string' && text !== '') blocks.push({ type: 'text', text });
  const calls = fieldOf(message, 'tool_calls');
  for (const [index, call] of Array.isArray(calls) ? calls.entries() : []) {
    const called = fieldOf(call, 'function');
    const id = fieldOf(call, 'id') ?? `call_${index}`;
    const input = inputOf(fieldOf(called, 'arguments'));
    blocks.push({ type: 'tool_use', id, name: fieldOf(called, 'name'), input });
  }
  return blocks;
}

/** A model may write what is no object; the caller's program should see what it wrote. */
function inputOf(text: unknown): unknown {
  if (typeof text !== 'string') return text ?? {};
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return { invalid_json: text };
  }
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/** Engines that say which stop sequence ended the answer say it in `stop_reason`. */
export function stopOf(choice: unknown, hasCalls: boolean) {
  const finish = fieldOf(choice, 'finish_reason');
  const sequence = fieldOf(choice, 'stop_reason');
  const known = typeof finish === 'string' ? STOP_REASONS[finish] : undefined;
  const reason = known ?? 'end_turn';
  if (reason !== 'end_turn') return { stop_reason: reason, stop_sequence: null };
  // Some engines call a plain stop what ended in a call.
  if (hasCalls) return { stop_reason: 'tool_use', stop_sequence: null };
  return typeof sequence === 'string' && sequence !== ''
    ? { stop_reason: 'stop_sequence', stop_sequence: sequence }
    : { stop_reason: reason, stop_sequence: null };
}

/** Disjoint, unlike OpenAI's: `input_tokens` is without what came from the cache. */
export function anthropicUsage(usage: unknown) {
  const buckets = parseUsage(usage);
  const [minutes, hour] = [buckets?.cacheWrite ?? 0, buckets?.cacheWrite1h ?? 0];
  return {
    input_tokens: buckets?.input ?? 0,
    cache_creation_input_tokens: minutes + hour,
    cache_read_input_tokens: buckets?.cacheRead ?? 0,
    ...(minutes + hour > 0 && {
      cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
    }),
    output_tokens: (buckets?.output ?? 0) + (buckets?.reasoning ?? 0),
  };
}
