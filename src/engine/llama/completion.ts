/** `POST /v1/completions`: plain continuation of a text or of tokens, without a chat template. */
import { randomBytes, randomInt } from 'node:crypto';

import type { Token } from 'node-llama-cpp';
import { z } from 'zod';

import { failRequest } from '../errors.ts';
import { stopField, stopList, streamFields, tokensField } from './chat-request.ts';
import { knownTokens, textTokens } from './prompt-tokens.ts';
import { parseBody, refuse } from './request-fields.ts';
import { parseSampling, samplingShape } from './sampling.ts';
import type { FinishReason } from './answer.ts';
import type { Inference, InferenceRequest } from './inference.ts';
import type { LoadedModel } from './load.ts';
import type { Reply } from './reply.ts';
import type { Step } from './run-job.ts';
import type { Usage } from './usage.ts';

const tokenList = z.array(z.number().int().nonnegative()).min(1);

const completionSchema = z.looseObject({
  ...samplingShape,
  ...streamFields,
  model: z.string().nullish(),
  prompt: z.union([z.string(), tokenList, z.array(z.union([z.string(), tokenList]))]),
  max_tokens: tokensField,
  stop: stopField,
  n: z.number().int().nullish(),
  best_of: z.number().int().nullish(),
  echo: z.boolean().nullish(),
  suffix: z.string().nullish(),
  logprobs: z.number().int().min(0).max(20).nullish(),
  grammar: z.string().max(100_000).nullish(),
});

type CompletionBody = z.infer<typeof completionSchema>;

/** OpenAI's default for this endpoint; whoever wants more says so. */
const DEFAULT_TOKENS = 16;
const SEED_MAX = 2 ** 32 - 1;

export async function answerCompletion(
  inference: Inference,
  request: { body: unknown; model: string; signal: AbortSignal; nowMs: number },
  reply: Reply,
): Promise<void> {
  const body = parseCompletionBody(request.body);
  const job = prepareCompletion(inference.loaded, body, request.signal);
  const head = {
    id: `cmpl-${randomBytes(12).toString('hex')}`,
    object: 'text_completion',
    created: Math.floor(request.nowMs / 1_000),
    model: request.model,
  };
  if (body.stream !== true) {
    const text = { value: '' };
    const { finish, usage } = await inference.run(job, (step) => {
      text.value += textOf(step);
      return undefined;
    });
    return reply.json(200, { ...head, choices: [choice(text.value, finish)], usage });
  }
  const always = body.stream_options?.continuous_usage_stats === true;
  const send = (value: string, finish: FinishReason | null, usage: () => Usage) => {
    reply.announcePrompt(usage());
    const counted = always ? { usage: usage() } : {};
    return reply.stream(event({ ...head, choices: [choice(value, finish)], ...counted }));
  };
  const { finish, usage } = await inference.run(job, (step, usageNow) => {
    const value = textOf(step);
    return value === '' ? undefined : send(value, null, usageNow);
  });
  await send('', finish, () => usage);
  if (body.stream_options?.include_usage === true) {
    await reply.stream(event({ ...head, choices: [], usage }));
  }
  reply.endStream();
}

function parseCompletionBody(body: unknown): CompletionBody {
  const parsed = parseBody(completionSchema, body);
  if ((parsed.n ?? 1) !== 1) refuse('n', 'send the request several times instead');
  if ((parsed.best_of ?? 1) !== 1) refuse('best_of', 'send the request several times instead');
  if (parsed.echo === true) refuse('echo', 'the caller has the prompt already');
  if ((parsed.suffix ?? '') !== '') refuse('suffix', 'the model only writes forward');
  if (parsed.logprobs !== null && parsed.logprobs !== undefined) {
    refuse('logprobs', 'use /v1/chat/completions');
  }
  return parsed;
}

function prepareCompletion(
  loaded: LoadedModel,
  body: CompletionBody,
  signal: AbortSignal,
): InferenceRequest {
  if (!loaded.canGenerate) {
    throw failRequest('unsupported_operation', 'This model makes embeddings, it writes no text.');
  }
  return {
    prompt: promptTokens(loaded, body.prompt),
    promptParam: 'prompt',
    sampling: parseSampling(body, loaded.samplingDefaults, () => randomInt(SEED_MAX)),
    tokensMax: body.max_tokens ?? DEFAULT_TOKENS,
    grammar: body.grammar ?? null,
    grammarAfterReasoning: false,
    logprobs: null,
    answer: {
      stops: stopList(body.stop),
      reasoning: false,
      reasoningPrefilled: false,
      tools: false,
      oneCall: false,
    },
    signal,
  };
}

function promptTokens(loaded: LoadedModel, prompt: CompletionBody['prompt']): Token[] {
  if (typeof prompt === 'string') return textTokens(loaded.model, prompt);
  const [first, second] = prompt;
  if (typeof first === 'number') return knownTokens(loaded.model, prompt, 'prompt');
  if (first === undefined || second !== undefined) {
    refuse('prompt', 'send one prompt in each request');
  }
  return promptTokens(loaded, first);
}

function textOf(step: Step): string {
  return step.events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

function choice(text: string, finish: FinishReason | null): unknown {
  return { index: 0, text, logprobs: null, finish_reason: finish };
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
