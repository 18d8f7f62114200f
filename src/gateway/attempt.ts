/**
 * One try of a request on one replica: what goes to the engine, and how its failures are named. An
 * attempt ends once, with a result; it never throws. Engine addresses and engine keys stay here.
 */
import type { Dispatcher } from 'undici';
import { FlywheelError, codeOf, messageOf } from '#platform/error.ts';
import { failRequest } from './errors.ts';
import type { ServedReplica } from './feed-view.ts';
import type { Outcome } from './routing/breaker.ts';
import type { Counted } from './usage/disjoint.ts';
import type { Clamped } from './usage/units.ts';
import { parseRefusal } from './wire/openai/answer.ts';
import { withoutAddresses } from './wire/openai/error.ts';
import type { Operation, ParsedRequest } from './wire/openai/request.ts';
import type { PromptCount, UpstreamDialect } from './wire/wire.ts';

export type AttemptResult =
  | Readonly<{ kind: 'finished' }>
  | Readonly<{
      kind: 'failed';
      error: FlywheelError;
      /** The same request may do better on another replica, if nothing was sent yet. */
      isRetryable: boolean;
      /** And only there: the same one would say the same again, or is asked not to be hurried. */
      needsAnother?: boolean;
      /** The replica failed, not the request. */
      isReplicaFault: boolean;
    }>;

/** What an attempt learned, read when the request settles. */
export type Measured = Readonly<{
  /** What the engine said it used, or null. */
  counted: Counted | null;
  /** The answer held thoughts. */
  hasThought?: boolean;
  /** What it used beside tokens; absent where nothing. */
  other?: Clamped;
  /** The prompt, where the engine said it before its answer. */
  prompt?: PromptCount | null;
  /** Tokens that reached the caller, counted or guessed. */
  delivered: number;
}>;

export interface Attempt {
  readonly ended: Promise<AttemptResult>;
  readonly measured: Measured;
  /** The caller left, or the gateway gives up: the engine is told at once. */
  abort(): void;
  /** The caller reads again. */
  resume(): void;
}

export type Timeouts = Readonly<{
  /** Until the engine's head: a long prompt is read before it, and a whole answer made. */
  firstByteMs: number;
  /** Between two pieces of an answer. */
  idleMs: number;
  /** Silence after which a streaming caller gets a comment. */
  keepAliveMs: number;
  /** A caller that takes nothing for this long is gone, whatever its socket says. */
  stallMs: number;
}>;

/** Comments come well under the 60 s after which proxies on the way give up. */
export const TIMEOUTS: Timeouts = {
  firstByteMs: 300_000,
  idleMs: 60_000,
  keepAliveMs: 10_000,
  stallMs: 60_000,
};

/** An error status of an upstream, turned into ours. */
export type Refuse = (status: number, body: Buffer, retryAfter: string | null) => AttemptResult;

export type UpstreamRequest = Readonly<{
  replica: ServedReplica;
  dialect: UpstreamDialect;
  request: ParsedRequest;
  requestId: string;
  timeouts: Timeouts;
  /** Of an external provider; without it `refusal`, for engines. */
  refuse?: Refuse;
}>;

/** Raises `unsupported_operation` where the upstream has no word for the request. */
export function dispatchOptions(upstream: UpstreamRequest): Dispatcher.DispatchOptions {
  const { replica, dialect, request, requestId, timeouts } = upstream;
  const { upstreamModel: model, engineKey: key } = replica;
  const { path, headers, body } = dialect.call(request, { model, key });
  return {
    origin: replica.origin,
    path: replica.pathPrefix + path,
    method: 'POST',
    headers: [...headers, 'accept-encoding', 'identity', 'x-request-id', requestId],
    body,
    headersTimeout: timeouts.firstByteMs,
    bodyTimeout: timeouts.idleMs,
  };
}

/** A connection that broke, in words that name no host. */
export function connectionFailure(error: unknown): AttemptResult {
  // Our own refusal of an address, on its way through the socket.
  if (error instanceof FlywheelError) {
    return { kind: 'failed', error, isRetryable: true, isReplicaFault: true };
  }
  const code = codeOf(error);
  const isTimeout = code?.endsWith('_TIMEOUT') === true || code === 'ETIMEDOUT';
  const cause = new Error(withoutAddresses(messageOf(error)));
  return {
    kind: 'failed',
    error: isTimeout
      ? failRequest('upstream_timeout', 'The model did not answer in time.', { cause })
      : failRequest('upstream_failed', 'The connection to the model broke.', { cause }),
    isRetryable: true,
    isReplicaFault: true,
  };
}

export function invalidAnswer(what: string): AttemptResult {
  return {
    kind: 'failed',
    error: failRequest('upstream_invalid', `The model's engine answered with ${what}.`),
    isRetryable: true,
    isReplicaFault: true,
  };
}

/** Codes of engines for which 4xx is the caller's own mistake. */
const CALLER_STATUSES = new Set([400, 413, 415, 422]);
/** 529 is what Anthropic's API says when it is overloaded. */
const BUSY_STATUSES = new Set([429, 503, 529]);
/** A 429 or 503 of an engine without a hint: its queue moves within seconds. */
const RETRY_AFTER_MS = 2_000;

/** What an encoder refuses, or a fault of ours in one: the engine did its part. */
export function unfinished(cause: unknown): AttemptResult {
  const error =
    cause instanceof FlywheelError
      ? cause
      : failRequest('upstream_failed', 'The answer could not be completed.', { cause });
  return { kind: 'failed', error, isRetryable: false, isReplicaFault: false };
}

/** Statuses of an engine that does not have the address at all. */
const MISSING_STATUSES = new Set([404, 405, 501]);

const MISSING_WORDS: Readonly<Partial<Record<Operation, string>>> = {
  tokenize: 'count tokens',
  // Vectors that lie near each other are no judgement of an answer to a question.
  rerank: 'rerank; comparing its embeddings would be something else',
  images: 'make images',
  videos: 'make videos',
  ocr: 'read documents',
  speech: 'speak',
  transcriptions: 'write down speech',
};

/** Not every engine has every operation; that is nobody's fault and no reason to try another replica. */
export function unsupported(status: number, operation: Operation): AttemptResult | null {
  if (operation === 'chat' || !MISSING_STATUSES.has(status)) return null;
  const what = MISSING_WORDS[operation] ?? `do ${operation}`;
  const message = `The engine of this model cannot ${what}.`;
  const error = failRequest('unsupported_operation', message);
  return { kind: 'failed', error, isRetryable: false, isReplicaFault: false };
}

/** An engine's error status, turned into ours. */
export function refusal(status: number, body: Buffer, retryAfter: string | null): AttemptResult {
  const said = parseRefusal(body);
  if (CALLER_STATUSES.has(status)) {
    const message = said?.message ?? 'The model refused the request.';
    return {
      kind: 'failed',
      error: callerError(status, message, said),
      isRetryable: false,
      isReplicaFault: false,
    };
  }
  if (BUSY_STATUSES.has(status)) {
    const error = failRequest('server_is_overloaded', 'The model is busy. Please try again.', {
      retryAfterMs: Math.max(RETRY_AFTER_MS, secondsOf(retryAfter) * 1000),
    });
    return { kind: 'failed', error, isRetryable: true, isReplicaFault: false };
  }
  const error = failRequest('upstream_failed', `The model's engine failed with status ${status}.`);
  return { kind: 'failed', error, isRetryable: status >= 500, isReplicaFault: status >= 500 };
}

function callerError(
  status: number,
  message: string,
  said: ReturnType<typeof parseRefusal>,
): FlywheelError {
  const details = said === null || said.param === null ? {} : { param: said.param };
  const code = said?.code ?? 'upstream_refused';
  return new FlywheelError(code, withoutAddresses(message), { status, ...details });
}

/** Only the plain form; a date here would trust the clock of a stranger. At most an hour. */
function secondsOf(retryAfter: string | null): number {
  const seconds = Number(retryAfter);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) : 0;
}

/** A caller's own mistake and a caller that left say nothing about the replica. */
export function outcomeOf(result: AttemptResult): Outcome {
  if (result.kind === 'finished') return 'ok';
  return result.isReplicaFault ? 'failed' : 'neutral';
}
