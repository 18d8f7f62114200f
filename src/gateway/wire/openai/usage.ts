/**
 * Usage in OpenAI's shape, turned into disjoint buckets: there `prompt_tokens` includes the cached
 * ones and `completion_tokens` the reasoning. Numbers that cannot be are no usage at all, so that an
 * engine that lies is counted by what it delivered.
 */
import type { UsageBuckets } from '#metering/usage-event.ts';

export function parseUsage(value: unknown): UsageBuckets | null {
  const prompt = countOf(value, 'prompt_tokens');
  const completion = countOf(value, 'completion_tokens') ?? 0;
  if (prompt === null) return null;
  const cached = detailOf(value, 'prompt_tokens_details', 'cached_tokens');
  const reasoning = detailOf(value, 'completion_tokens_details', 'reasoning_tokens');
  const cacheRead = Math.min(cached ?? countOf(value, 'prompt_cache_hit_tokens') ?? 0, prompt);
  const written = detailOf(value, 'prompt_tokens_details', 'cache_write_tokens');
  const cacheWrite = Math.min(written ?? 0, prompt - cacheRead);
  const reasoned = Math.min(reasoning ?? 0, completion);
  return {
    input: prompt - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    output: completion - reasoned,
    reasoning: reasoned,
  };
}

function detailOf(value: unknown, group: string, name: string): number | null {
  return countOf(fieldOf(value, group), name);
}

/** No request has more tokens than this; a larger number is a fault, and would overflow the rating. */
const TOKENS_MAX = 1_000_000_000;

function countOf(value: unknown, name: string): number | null {
  const count = fieldOf(value, name);
  if (typeof count !== 'number' || !Number.isInteger(count)) return null;
  return count >= 0 && count <= TOKENS_MAX ? count : null;
}

export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
