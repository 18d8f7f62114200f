/**
 * Usage in OpenAI's shape, as chat says it and as Responses and images do. The prompt contains what came from
 * a cache and what went into one, and the completion contains the reasoning.
 * https://platform.openai.com/docs/api-reference/chat/object
 *
 * Two habits of those who borrow the shape are read too. Gemini's and xAI's compatible endpoints leave the
 * reasoning out of the completion: then the total says so, being the sum of all three. And Alibaba's says what
 * was written to a cache as `cache_creation_input_tokens`, with `cache_type` where the caller made it.
 */
import { fieldOf } from '../wire/field.ts';
import { type Said, countIn } from './disjoint.ts';

/** Null where it is no usage: an engine that lies is counted by what it delivered. */
export function readOpenAi(usage: unknown): Said | null {
  const input = countOf(usage, 'prompt_tokens') ?? countOf(usage, 'input_tokens');
  if (input === null) return null;
  const completion = countOf(usage, 'completion_tokens') ?? countOf(usage, 'output_tokens') ?? 0;
  const read = fieldOf(usage, 'prompt_tokens_details') ?? fieldOf(usage, 'input_tokens_details');
  const made =
    fieldOf(usage, 'completion_tokens_details') ?? fieldOf(usage, 'output_tokens_details');
  const reasoning = countOf(made, 'reasoning_tokens') ?? 0;
  const total = countOf(usage, 'total_tokens');
  const isReasoningApart = reasoning > 0 && total === input + completion + reasoning;
  const creation = fieldOf(read, 'cache_creation');
  return {
    input,
    cacheRead: countOf(read, 'cached_tokens') ?? countOf(usage, 'prompt_cache_hit_tokens') ?? 0,
    cacheWrite:
      countOf(read, 'cache_write_tokens') ?? countOf(read, 'cache_creation_input_tokens') ?? 0,
    cacheWrite1h: countOf(creation, 'ephemeral_1h_input_tokens') ?? 0,
    output: isReasoningApart ? completion + reasoning : completion,
    reasoning,
    total,
    cacheKind: fieldOf(read, 'cache_type') === 'ephemeral' ? 'explicit' : null,
  };
}

function countOf(value: unknown, name: string): number | null {
  return countIn(fieldOf(value, name));
}
