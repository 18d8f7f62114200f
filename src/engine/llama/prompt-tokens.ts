/** From what callers send to the tokens of a model; the one place where a number becomes a token. */
import type { LlamaModel, Token } from 'node-llama-cpp';

import { failRequest } from '../errors.ts';

/** A number outside the vocabulary would reach native code that does not check it. */
export function isTokenOf(model: LlamaModel, value: unknown): value is Token {
  const size = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < size;
}

/** Tokens that a caller made with the model's tokenizer. */
export function knownTokens(model: LlamaModel, tokens: readonly unknown[], param: string): Token[] {
  return tokens.map((token) => {
    if (isTokenOf(model, token)) return token;
    throw failRequest('invalid_value', `There is no token ${String(token)} in this model.`, {
      param,
    });
  });
}

/**
 * The tokens of a prompt's text, marks such as `<|im_start|>` included. Models that want a begin
 * token get exactly one, whether or not a template wrote it.
 */
export function textTokens(model: LlamaModel, text: string): Token[] {
  const tokens = model.tokenize(text, true);
  const { bos, shouldPrependBosToken } = model.tokens;
  if (!shouldPrependBosToken || bos === null || tokens[0] === bos) return tokens;
  return [bos, ...tokens];
}
