/**
 * Usage in DashScope's shape and back. Like OpenAI's, its input includes what came from a cache and
 * its output includes the reasoning; only the names differ.
 */
import type { UsageBuckets } from '#metering/usage-event.ts';
import { fieldOf, parseUsage } from '../openai/usage.ts';

export type DashScopeUsage = Readonly<{
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: Readonly<{ cached_tokens: number }>;
  output_tokens_details?: Readonly<{ reasoning_tokens: number }>;
}>;

export function dashScopeUsage(buckets: UsageBuckets): DashScopeUsage {
  const input = buckets.input + buckets.cacheRead + buckets.cacheWrite;
  const output = buckets.output + buckets.reasoning;
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...(buckets.cacheRead > 0 && { prompt_tokens_details: { cached_tokens: buckets.cacheRead } }),
    ...(buckets.reasoning > 0 && {
      output_tokens_details: { reasoning_tokens: buckets.reasoning },
    }),
  };
}

/** What an engine said in OpenAI's shape, or nothing where it said nothing. */
export function usageFrom(openAiUsage: unknown): DashScopeUsage | null {
  const buckets = parseUsage(openAiUsage);
  return buckets === null ? null : dashScopeUsage(buckets);
}

/** DashScope's usage under OpenAI's names. Embeddings say only their total, which is all input. */
export function openAiUsageFrom(usage: unknown): Record<string, unknown> | null {
  const total = fieldOf(usage, 'total_tokens');
  const input = fieldOf(usage, 'input_tokens') ?? total;
  if (typeof input !== 'number') return null;
  const output = fieldOf(usage, 'output_tokens');
  const completion = typeof output === 'number' ? output : 0;
  return {
    prompt_tokens: input,
    completion_tokens: completion,
    total_tokens: input + completion,
    prompt_tokens_details: fieldOf(usage, 'prompt_tokens_details') ?? null,
    completion_tokens_details: fieldOf(usage, 'output_tokens_details') ?? null,
  };
}
