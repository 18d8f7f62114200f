/** The attempt that fits a request: whole or streamed, in the engine's own bytes or turned into another dialect. */
import { BytesAttempt } from './bytes-attempt.ts';
import { namedTier } from './queue/service-tier.ts';
import type { Reply } from './reply.ts';
import { StreamAttempt } from './stream-attempt.ts';
import type { StreamFunds } from './stream-funds.ts';
import { WholeAttempt } from './whole-attempt.ts';
import { EncodedStream } from './wire/encoded-stream.ts';
import type { ParsedRequest } from './wire/openai/request.ts';
import { AnswerStream } from './wire/openai/stream.ts';
import { OPERATIONS } from './wire/operations.ts';
import type { Encoder, UpstreamDialect } from './wire/wire.ts';

/** An event with the twenty likeliest tokens and their bytes has some 3 KB. */
const BYTES_PER_TOKEN_MAX = 8 * 1024;
/** Comments, empty deltas and signs of life of an hour. */
const STREAM_BYTES_SLACK = 4 * 1024 * 1024;

export type AttemptPlan = Readonly<{
  request: ParsedRequest;
  /** Null where the caller speaks OpenAI's dialect. */
  encoder: Encoder | null;
  upstream: UpstreamDialect;
  /** Tokens after which an engine that does not stop is cut off. */
  deliveredMax: number;
  /** Null where it is free. */
  funds: StreamFunds | null;
  onFirstByte: () => void;
}>;

export function createAttempt(
  reply: Reply,
  plan: AttemptPlan,
): StreamAttempt | WholeAttempt | BytesAttempt {
  const { request, encoder, upstream, onFirstByte } = plan;
  if (OPERATIONS[request.operation].bytesOf !== undefined) {
    return new BytesAttempt(reply, request, onFirstByte);
  }
  if (!request.isStream)
    return new WholeAttempt(reply, { request, encoder, upstream }, onFirstByte);
  const bytesMax = plan.deliveredMax * BYTES_PER_TOKEN_MAX + STREAM_BYTES_SLACK;
  const { funds } = plan;
  const stream = createStream(reply, plan);
  return new StreamAttempt(reply, { stream, bytesMax, funds }, onFirstByte);
}

function createStream(reply: Reply, plan: AttemptPlan): AnswerStream | EncodedStream {
  const { model, wantsUsage } = plan.request;
  const options = {
    model,
    wantsUsage,
    deliveredMax: plan.deliveredMax,
    serviceTier: plan.encoder === null ? namedTier(plan.request.fields) : null,
  };
  const encoder = plan.encoder?.stream() ?? null;
  const upstream = plan.upstream.stream?.() ?? null;
  if (encoder === null && upstream === null) return new AnswerStream(options);
  if (encoder !== null) reply.encodedBy(encoder);
  return new EncodedStream({ ...options, encoder, upstream });
}
