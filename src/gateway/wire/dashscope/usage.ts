/**
 * Usage in DashScope's shape and back. Like OpenAI's, its input includes what came from a cache and
 * its output includes the reasoning; only the names differ.
 */
import type { UsageBuckets } from '#metering/usage-event.ts';
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import { readDashScope } from '../../usage/dashscope.ts';
import { inOpenAiShape } from '../../usage/middle.ts';
import { parseUsage } from '../openai/usage.ts';

export type DashScopeUsage = Readonly<{
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: Readonly<{ cached_tokens: number; cache_creation_input_tokens?: number }>;
  output_tokens_details?: Readonly<{ reasoning_tokens: number }>;
}>;

export function dashScopeUsage(buckets: UsageBuckets): DashScopeUsage {
  const [input, output] = [inputTokensOf(buckets), outputTokensOf(buckets)];
  const written = buckets.cacheWrite + (buckets.cacheWrite1h ?? 0);
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...((buckets.cacheRead > 0 || written > 0) && {
      prompt_tokens_details: {
        cached_tokens: buckets.cacheRead,
        ...(written > 0 && { cache_creation_input_tokens: written }),
      },
    }),
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

/** DashScope's usage under OpenAI's names. */
export function openAiUsageFrom(usage: unknown): Record<string, unknown> | null {
  const said = readDashScope(usage);
  return said === null ? null : inOpenAiShape(said);
}
