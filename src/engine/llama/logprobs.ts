/**
 * Log probabilities in OpenAI's form. They describe the distribution that the token was drawn from,
 * after temperature and the other sampling parameters: that is what the library gives, and at
 * temperature 0 it is the model's own.
 */
import type { LlamaModel, Token } from 'node-llama-cpp';

export type Alternative = Readonly<{ token: string; logprob: number; bytes: number[] | null }>;
export type TokenLogprob = Alternative & Readonly<{ top_logprobs: readonly Alternative[] }>;

/** OpenAI's stand-in for minus infinity, which JSON cannot hold. */
const LOGPROB_MIN = -9_999;

export function toLogprob(
  model: LlamaModel,
  step: { token: Token; confidence?: number; probabilities?: ReadonlyMap<Token, number> },
  alternatives: number,
): TokenLogprob {
  const top = [...(step.probabilities ?? [])].slice(0, alternatives);
  return {
    ...alternative(model, step.token, step.confidence ?? 0),
    top_logprobs: top.map(([token, probability]) => alternative(model, token, probability)),
  };
}

function alternative(model: LlamaModel, token: Token, probability: number): Alternative {
  const text = model.detokenize([token], true);
  // Half a character has no text of its own, and its bytes cannot be told from here.
  const bytes = text.includes('\u{FFFD}') ? null : [...Buffer.from(text)];
  const logprob = Math.log(probability);
  return { token: text, logprob: Number.isFinite(logprob) ? logprob : LOGPROB_MIN, bytes };
}
