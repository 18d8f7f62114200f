/**
 * `POST /v1/embeddings`: one unit vector per input, from the same weights. The context for it costs
 * memory, so it is made when the first request comes. Inputs are read one after the other.
 */
import type { LlamaEmbeddingContext, Token } from 'node-llama-cpp';
import { z } from 'zod';

import { failRequest } from '../errors.ts';
import { knownTokens } from './prompt-tokens.ts';
import { parseBody } from './request-fields.ts';
import type { LoadedModel } from './load.ts';
import type { Reply } from './reply.ts';

const tokenList = z.array(z.number().int().nonnegative()).min(1);

/** OpenAI's limit. */
const INPUTS_MAX = 2_048;

/** Requests that wait for the one embedding context; about a second of short inputs. */
const REQUESTS_MAX = 64;
const RETRY_AFTER_MS = 1_000;

const embeddingSchema = z.looseObject({
  model: z.string().nullish(),
  input: z.union([
    z.string().min(1),
    tokenList,
    z
      .array(z.union([z.string().min(1), tokenList]))
      .min(1)
      .max(INPUTS_MAX),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().min(1).nullish(),
});

type EmbeddingRequest = Readonly<{ body: unknown; model: string; signal: AbortSignal }>;

export type Embedder = Readonly<{
  answer: (request: EmbeddingRequest, reply: Reply) => Promise<void>;
}>;

export function createEmbedder(loaded: LoadedModel): Embedder {
  let context: Promise<LlamaEmbeddingContext> | undefined;
  const open = (): Promise<LlamaEmbeddingContext> => {
    context ??= loaded.model
      .createEmbeddingContext({
        contextSize: loaded.contextLength,
        // One batch per input: pooling looks at all its tokens at once.
        batchSize: loaded.contextLength,
        threads: loaded.threads,
      })
      .catch((error: unknown) => {
        context = undefined;
        throw error;
      });
    return context;
  };

  let requests = 0;
  return {
    answer: async (request, reply) => {
      if (requests >= REQUESTS_MAX) {
        throw failRequest('engine_busy', 'Too many requests for embeddings wait; try again soon.', {
          retryAfterMs: RETRY_AFTER_MS,
        });
      }
      requests += 1;
      try {
        await answerEmbeddings(loaded, open, request, reply);
      } finally {
        requests -= 1;
      }
    },
  };
}

async function answerEmbeddings(
  loaded: LoadedModel,
  open: () => Promise<LlamaEmbeddingContext>,
  { body, model, signal }: EmbeddingRequest,
  reply: Reply,
): Promise<void> {
  const request = parseBody(embeddingSchema, body);
  const size = loaded.model.embeddingVectorSize;
  const dimensions = request.dimensions ?? size;
  if (dimensions > size) {
    throw failRequest('invalid_value', `The model's vectors have ${size} dimensions.`, {
      param: 'dimensions',
    });
  }
  const inputs = listInputs(loaded, request.input);
  const embedding = await open();
  const prompts = inputs.map((tokens, index) => checkInput(loaded, embedding, tokens, index));
  const data: unknown[] = [];
  for (const [index, { tokens }] of prompts.entries()) {
    signal.throwIfAborted();
    const { vector } = await embedding.getEmbeddingFor(tokens);
    const unit = toUnit(vector.slice(0, dimensions));
    const encoded = request.encoding_format === 'base64' ? toBase64(unit) : unit;
    data.push({ object: 'embedding', index, embedding: encoded });
  }
  const total = prompts.reduce((sum, { length }) => sum + length, 0);
  const usage = { prompt_tokens: total, total_tokens: total };
  reply.json(200, { object: 'list', data, model, usage });
}

function listInputs(
  loaded: LoadedModel,
  input: z.infer<typeof embeddingSchema>['input'],
): Token[][] {
  if (typeof input === 'string') return [loaded.model.tokenize(input)];
  if (typeof input[0] === 'number') return [knownTokens(loaded.model, input, 'input')];
  return input.flatMap((one) => (typeof one === 'number' ? [] : listInputs(loaded, one)));
}

function checkInput(
  loaded: LoadedModel,
  embedding: LlamaEmbeddingContext,
  tokens: Token[],
  index: number,
): { tokens: Token[]; length: number } {
  const length = embedding.calculateInputLength(tokens.slice());
  if (length < loaded.contextLength) return { tokens, length };
  throw failRequest(
    'context_length_exceeded',
    `This model's maximum context length is ${loaded.contextLength} tokens, but input ${index} has ${length} tokens.`,
    { param: 'input' },
  );
}

function toUnit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function toBase64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
