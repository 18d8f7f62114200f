/**
 * What the HTTP server calls to make an answer: admits the prompt, waits for a sequence, runs the
 * generation and accounts for it. One inference per child process.
 */
import { LlamaGrammar, LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';

import { FlywheelError } from '#platform/error.ts';

import { failRequest } from '../errors.ts';
import { Answer } from './answer.ts';
import { createEngineMeter } from './engine-meter.ts';
import { THINK_CLOSE, THINK_OPEN } from './reasoning.ts';
import { runJob } from './run-job.ts';
import { SequencePool } from './sequence-pool.ts';
import { createTokenText } from './token-text.ts';
import { TOOL_CLOSE, TOOL_OPEN } from './tool-calls.ts';
import { createUsage } from './usage.ts';
import type { EngineStats } from '../engine.ts';
import type { AnswerOptions, FinishReason } from './answer.ts';
import type { LoadedModel } from './load.ts';
import type { Step } from './run-job.ts';
import type { Sampling } from './sampling.ts';
import type { Detokenize } from './token-text.ts';
import type { Usage } from './usage.ts';

export type InferenceRequest = Readonly<{
  prompt: readonly Token[];
  /** The request field that the prompt came from, for errors. */
  promptParam: string;
  sampling: Sampling;
  tokensMax: number | null;
  grammar: string | null;
  /** Lets a model whose prompt opened the reasoning finish that freely before the grammar binds. */
  grammarAfterReasoning: boolean;
  logprobs: number | null;
  answer: AnswerOptions;
  signal: AbortSignal;
}>;

/** `usage` is computed on demand: what was delivered up to and including this step. */
export type OnStep = (step: Step, usage: () => Usage) => Promise<void> | undefined;

export type Inference = Readonly<{
  loaded: LoadedModel;
  /** Errors: `context_length_exceeded`, `engine_busy`, `invalid_value`, `engine_failed`. */
  run: (
    request: InferenceRequest,
    onStep: OnStep,
  ) => Promise<{ finish: FinishReason; usage: Usage }>;
  stats: () => EngineStats;
}>;

/** Waiting requests per place: about two answers' time on each, then callers should go elsewhere. */
const QUEUE_PER_SEQUENCE = 4;
const QUEUE_MIN = 16;

export function createInference(loaded: LoadedModel, nowMs: () => number): Inference {
  const pool = new SequencePool<LlamaContextSequence>({
    sequences: loaded.sequences,
    queueMax: Math.max(QUEUE_MIN, loaded.sequences.length * QUEUE_PER_SEQUENCE),
  });
  const meter = createEngineMeter(nowMs);
  const detokenize = createDetokenize(loaded);

  return {
    loaded,
    run: async (request, onStep) => {
      checkLength(request, loaded.contextLength);
      const timing = meter.begin();
      const grammar = createGrammar(loaded, request.grammar);
      const answer = new Answer(createTokenText(detokenize), request.answer);
      const lease = await pool.acquire(request.prompt, request.signal);
      let cached = 0;
      const usage = (): Usage =>
        createUsage({
          prompt: request.prompt.length,
          cached,
          completion: answer.deliveredTokens(),
          reasoning: answer.reasoningTokens(),
        });
      try {
        const room = loaded.contextLength - request.prompt.length;
        const outcome = await runJob(
          lease.sequence,
          {
            ...request,
            grammar,
            answer,
            tokensMax: Math.min(request.tokensMax ?? room, room),
            onPrompt: (tokens) => {
              cached = tokens;
              meter.addCached(tokens);
            },
          },
          (step) => {
            timing.token();
            return onStep(step, usage);
          },
        );
        return { finish: outcome, usage: usage() };
      } catch (error) {
        throw await explainFailure(error, lease.sequence, request.signal);
      } finally {
        timing.end();
        lease.release();
      }
    },
    stats: () => ({
      running: pool.running(),
      waiting: pool.waiting(),
      kvUse: pool.tokensInUse() / (loaded.contextLength * loaded.sequences.length),
      cachedTokens: meter.cachedTokens(),
      timeToFirstTokenMs: meter.timeToFirstTokenMs(),
      timePerTokenMs: meter.timePerTokenMs(),
    }),
  };
}

function checkLength(request: InferenceRequest, contextLength: number): void {
  const length = request.prompt.length;
  if (length === 0) {
    throw failRequest('invalid_value', 'The prompt is empty.', { param: request.promptParam });
  }
  if (length < contextLength) return;
  throw failRequest(
    'context_length_exceeded',
    `This model's maximum context length is ${contextLength} tokens, but the prompt has ${length} tokens and needs room for at least one more.`,
    { param: request.promptParam },
  );
}

function createGrammar(
  loaded: LoadedModel,
  grammar: string | null,
): LlamaGrammarEvaluationState | null {
  if (grammar === null) return null;
  try {
    const parsed = new LlamaGrammar(loaded.llama, { grammar });
    return new LlamaGrammarEvaluationState({ model: loaded.model, grammar: parsed });
  } catch (error) {
    throw failRequest('invalid_value', 'The grammar for the answer cannot be used.', {
      param: 'response_format',
      cause: error,
    });
  }
}

/** Marks that carry structure are always shown, other control tokens never. */
function createDetokenize(loaded: LoadedModel): Detokenize<Token> {
  const { model } = loaded;
  const marks = new Set<Token>();
  for (const mark of [THINK_OPEN, THINK_CLOSE, TOOL_OPEN, TOOL_CLOSE]) {
    const tokens = model.tokenize(mark, true);
    if (tokens.length === 1 && tokens[0] !== undefined) marks.add(tokens[0]);
  }
  return (tokens, before) =>
    model.detokenize(
      tokens,
      tokens.some((token) => marks.has(token)),
      before,
    );
}

async function explainFailure(
  error: unknown,
  sequence: LlamaContextSequence,
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted || error instanceof FlywheelError) return error;
  // The sequence's state is unknown after a failed evaluation, so nobody may build on it.
  await sequence.clearHistory();
  return failRequest('engine_failed', 'The engine failed while it was generating the answer.', {
    cause: error,
  });
}
