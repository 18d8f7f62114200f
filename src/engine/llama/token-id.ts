/** The one place where a number from outside becomes a token of a model. */
import type { LlamaModel, Token } from 'node-llama-cpp';

/** A number outside the vocabulary would reach native code that does not check it. */
export function isTokenOf(model: LlamaModel, value: unknown): value is Token {
  const size = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < size;
}
