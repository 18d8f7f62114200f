/** Token usage in OpenAI's form. Counts are of what the caller received, see `token-count.ts`. */
export type Usage = Readonly<{
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: Readonly<{ cached_tokens: number }>;
  completion_tokens_details: Readonly<{ reasoning_tokens: number }>;
}>;

export function createUsage(counts: {
  prompt: number;
  cached: number;
  completion: number;
  reasoning: number;
}): Usage {
  return {
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
    total_tokens: counts.prompt + counts.completion,
    prompt_tokens_details: { cached_tokens: counts.cached },
    completion_tokens_details: { reasoning_tokens: counts.reasoning },
  };
}
