/**
 * Sampling parameters of a request: their shape in OpenAI's dialect (with the extra fields that
 * vLLM and llama-server made common), and their translation for the library.
 */
import { z } from 'zod';

import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp';

/** Names that more than one dialect uses for one thing are all accepted. */
export const samplingShape = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repetition_penalty: z.number().min(0.01).max(10).nullish(),
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  seed: z.number().int().nullish(),
  logit_bias: z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100)).nullish(),
  ignore_eos: z.boolean().nullish(),
};

const samplingSchema = z.object(samplingShape);

export type Sampling = Readonly<{
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  repeatPenalty: number;
  seed: number;
  logitBias: ReadonlyMap<number, number>;
  ignoreEnd: boolean;
}>;

/**
 * Used where neither the request nor the model file says anything. A lower temperature and a cut at
 * 40 candidates keep small models sensible and spare the sort of a large vocabulary.
 */
export const DEFAULT_SAMPLING = { temperature: 0.7, topP: 0.95, topK: 40, minP: 0 } as const;

export type SamplingDefaults = Readonly<Record<keyof typeof DEFAULT_SAMPLING, number>>;

export function parseSampling(
  body: z.infer<typeof samplingSchema>,
  defaults: SamplingDefaults,
  randomSeed: () => number,
): Sampling {
  const bias = Object.entries(body.logit_bias ?? {});
  return {
    temperature: body.temperature ?? defaults.temperature,
    topP: body.top_p ?? defaults.topP,
    topK: Math.max(0, body.top_k ?? defaults.topK),
    minP: body.min_p ?? defaults.minP,
    frequencyPenalty: body.frequency_penalty ?? 0,
    presencePenalty: body.presence_penalty ?? 0,
    repeatPenalty: body.repetition_penalty ?? body.repeat_penalty ?? 1,
    // The library takes 32 bits and treats a missing seed as the time of each single token.
    seed: (body.seed ?? randomSeed()) >>> 0,
    logitBias: new Map(bias.map(([token, value]) => [Number(token), value])),
    ignoreEnd: body.ignore_eos ?? false,
  };
}

/** How far back penalties look: far enough for loops, bounded so that a step stays cheap. */
const PENALTY_ANSWER_TOKENS = 1_024;
/** llama.cpp's `repeat_last_n`, for the part of the prompt that the repeat penalty looks at. */
const PENALTY_PROMPT_TOKENS = 64;

export function libraryOptions(
  sampling: Sampling,
  tokens: Readonly<{ prompt: readonly Token[]; answer: readonly Token[] }>,
): SequenceEvaluateOptions {
  const options: SequenceEvaluateOptions = {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    minP: sampling.minP,
    seed: sampling.seed,
    yieldEogToken: true,
  };
  const { frequencyPenalty, presencePenalty, repeatPenalty } = sampling;
  if (frequencyPenalty === 0 && presencePenalty === 0 && repeatPenalty === 1) return options;
  const promptTail = repeatPenalty === 1 ? [] : tokens.prompt.slice(-PENALTY_PROMPT_TOKENS);
  return {
    ...options,
    repeatPenalty: {
      penalty: repeatPenalty,
      frequencyPenalty,
      presencePenalty,
      maxPunishTokens: PENALTY_PROMPT_TOKENS + PENALTY_ANSWER_TOKENS,
      punishTokens: () => [...promptTail, ...tokens.answer.slice(-PENALTY_ANSWER_TOKENS)],
    },
  };
}
