/**
 * Usage in DashScope's own shape: like OpenAI's its input contains what came from a cache and its output the
 * reasoning, under other names; embeddings say their total alone, which is all input. Where the caller marked
 * what to keep, `cache_type` says so and what was written is counted too. "Context cache", Model Studio.
 */
import { fieldOf } from '../wire/field.ts';
import { type Said, countIn } from './disjoint.ts';

export function readDashScope(usage: unknown): Said | null {
  const total = countOf(usage, 'total_tokens');
  const input = countOf(usage, 'input_tokens') ?? total;
  if (input === null) return null;
  const read = fieldOf(usage, 'prompt_tokens_details') ?? fieldOf(usage, 'input_tokens_details');
  const made = fieldOf(usage, 'output_tokens_details');
  const creation = fieldOf(read, 'cache_creation');
  return {
    input,
    cacheRead: countOf(read, 'cached_tokens') ?? 0,
    cacheWrite: countOf(read, 'cache_creation_input_tokens') ?? 0,
    cacheWrite1h: countOf(creation, 'ephemeral_1h_input_tokens') ?? 0,
    output: countOf(usage, 'output_tokens') ?? 0,
    reasoning: countOf(made, 'reasoning_tokens') ?? 0,
    total,
    cacheKind: fieldOf(read, 'cache_type') === 'ephemeral' ? 'explicit' : null,
  };
}

function countOf(value: unknown, name: string): number | null {
  return countIn(fieldOf(value, name));
}
