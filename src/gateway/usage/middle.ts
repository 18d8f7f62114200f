/**
 * What was said in any shape, in OpenAI's, which is what every wire in front of a foreign upstream is encoded
 * from. Nothing is lost or mended on the way: read back, it says the same.
 */
import type { Said } from './disjoint.ts';

export function inOpenAiShape(said: Said): Record<string, unknown> {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, cacheKind } = said;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: said.total ?? input + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      ...(cacheWrite1h > 0 && { cache_creation: { ephemeral_1h_input_tokens: cacheWrite1h } }),
      ...(cacheKind === 'explicit' && { cache_type: 'ephemeral' }),
    },
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
