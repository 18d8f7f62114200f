/**
 * Runs one generation on one sequence: reuses the state that the sequence shares with the prompt,
 * evaluates the rest, and hands every new token to the answer. Stops within one token when the
 * caller leaves, also while a long prompt is still being read.
 */
import { TokenBias } from 'node-llama-cpp';
import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from 'node-llama-cpp';

import { toLogprob } from './logprobs.ts';
import { libraryOptions } from './sampling.ts';
import { isTokenOf } from './prompt-tokens.ts';
import type { Answer, AnswerEvent, FinishReason } from './answer.ts';
import type { TokenLogprob } from './logprobs.ts';
import type { Sampling } from './sampling.ts';

export type Job = Readonly<{
  prompt: readonly Token[];
  sampling: Sampling;
  tokensMax: number;
  grammar: LlamaGrammarEvaluationState | null;
  /** The prompt opened the reasoning, and the grammar is for the answer after it. */
  grammarAfterReasoning: boolean;
  /** How many alternatives to report per token; null for no log probabilities. */
  logprobs: number | null;
  answer: Answer<Token>;
  signal: AbortSignal;
  /** Called once with the number of prompt tokens whose state was still there. */
  onPrompt: (cachedTokens: number) => void;
}>;

type EvaluatedStep = {
  token: Token;
  confidence?: number;
  probabilities?: ReadonlyMap<Token, number>;
};

type Steps = AsyncGenerator<EvaluatedStep, void, void>;

export type Step = Readonly<{ events: readonly AnswerEvent[]; logprob: TokenLogprob | null }>;

/** May return a promise to slow the generation down to what the caller can take. */
export type OnStep = (step: Step) => Promise<void> | undefined;

export async function runJob(
  sequence: LlamaContextSequence,
  job: Job,
  onStep: OnStep,
): Promise<FinishReason> {
  const { answer, signal } = job;
  const rest = await readPrompt(sequence, job);
  const made: Token[] = [];
  const steps = sequence.evaluateWithMetadata(rest, metadataFor(job), {
    ...libraryOptions(job.sampling, { prompt: job.prompt, answer: made }),
    ...biasOptions(sequence, job.sampling),
    ...grammarOptions(job),
  });
  try {
    await takeSteps(steps, { job, model: sequence.model, made }, onStep);
  } finally {
    // Waits for an evaluation that is still under way, so that the sequence is free afterwards.
    await steps.return();
  }
  signal.throwIfAborted();
  if (answer.finish() === null) {
    const cause = made.length >= job.tokensMax ? 'length' : 'stop';
    await onStep({ events: answer.end(cause), logprob: null });
  }
  return answer.finish() ?? 'stop';
}

/**
 * The next token is asked for before this one is handled, and this one is handled when the batch with
 * the next one has left, so that text, JSON and sockets cost no time between two evaluations. An
 * answer that ends at a stop string evaluates one token too many; it is never delivered nor counted.
 */
async function takeSteps(
  steps: Steps,
  run: Readonly<{ job: Job; model: LlamaModel; made: Token[] }>,
  onStep: OnStep,
): Promise<void> {
  const { job, model, made } = run;
  let next = steps.next();
  while (job.answer.finish() === null && made.length < job.tokensMax) {
    const { value: step, done } = await next;
    job.signal.throwIfAborted();
    if (done === true) return;
    if (!job.sampling.ignoreEnd && model.isEogToken(step.token)) return;
    made.push(step.token);
    if (made.length < job.tokensMax) {
      next = steps.next();
      // Its failure is met by the next turn of the loop, or no longer matters.
      next.catch(() => {});
      // A grammar that waits for the end of the reasoning must know of it before the next sample.
      if (!job.grammarAfterReasoning) await batchHasLeft();
    }
    const pause = onStep(handleStep(step, job, model));
    if (pause !== undefined) await pause;
  }
}

/**
 * The library sends a batch from an immediate that it sets some microtasks after it was asked; one
 * set after those microtasks comes behind it.
 */
function batchHasLeft(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => setImmediate(resolve));
  });
}

function handleStep(step: EvaluatedStep, job: Job, model: LlamaModel): Step {
  const thinking = job.answer.isReasoning();
  const events = job.answer.push(step.token);
  if (job.logprobs === null || thinking || job.answer.isReasoning()) {
    return { events, logprob: null };
  }
  return { events, logprob: toLogprob(model, step, job.logprobs) };
}

/** Brings the sequence to the end of the prompt but for the last piece, which generation evaluates. */
async function readPrompt(sequence: LlamaContextSequence, job: Job): Promise<Token[]> {
  // At least one token must be evaluated for the first answer token to come from.
  await sequence.adaptStateToTokens(job.prompt.slice(0, -1), false);
  const cachedTokens = sequence.nextTokenIndex;
  job.onPrompt(cachedTokens);
  let rest = job.prompt.slice(cachedTokens);
  // One batch at a time, so that a caller who leaves frees the machine before the prompt is read.
  const batchSize = sequence.context.batchSize;
  while (rest.length > batchSize) {
    job.signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(rest.slice(0, batchSize));
    rest = rest.slice(batchSize);
  }
  return rest;
}

function metadataFor(job: Job): { confidence?: boolean; probabilities?: boolean } {
  if (job.logprobs === null) return {};
  return { confidence: true, probabilities: job.logprobs > 0 };
}

function biasOptions(
  sequence: LlamaContextSequence,
  sampling: Sampling,
): { tokenBias?: TokenBias } {
  if (sampling.logitBias.size === 0) return {};
  const bias = TokenBias.for(sequence.model);
  for (const [token, logit] of sampling.logitBias) {
    if (isTokenOf(sequence.model, token)) bias.set([token], { logit });
  }
  return { tokenBias: bias };
}

function grammarOptions(job: Job): {
  grammarEvaluationState?: () => LlamaGrammarEvaluationState | undefined;
} {
  const { grammar, answer } = job;
  if (grammar === null) return {};
  const thinksFirst = (): boolean => job.grammarAfterReasoning && answer.isReasoning();
  return { grammarEvaluationState: () => (thinksFirst() ? undefined : grammar) };
}
