/**
 * An attempt whose answer comes whole: it is collected up to a limit and checked to be an answer
 * before the caller sees a byte, so that a broken one can still be tried elsewhere.
 */
import type { Dispatcher } from 'undici';
import {
  type Attempt,
  type AttemptResult,
  type Measured,
  type Refuse,
  type UpstreamRequest,
  connectionFailure,
  dispatchOptions,
  invalidAnswer,
  refusal,
  unfinished,
  unsupported,
} from './attempt.ts';
import { failRequest } from './errors.ts';
import { namedTier } from './queue/service-tier.ts';
import type { Reply } from './reply.ts';
import { type Answer, parseAnswer } from './wire/openai/answer.ts';
import { usedBeside } from './usage/used-beside.ts';
import type { ParsedRequest } from './wire/openai/request.ts';
import type { Encoder, UpstreamDialect } from './wire/wire.ts';

/** 2,048 embeddings of 4,096 numbers in text; an answer in words is far below. */
export const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export type WholeOptions = Readonly<{
  request: ParsedRequest;
  /** Null where the caller speaks what the engine speaks. */
  encoder: Encoder | null;
  upstream: UpstreamDialect;
}>;

export class WholeAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly ended: Promise<AttemptResult>;
  measured: Measured = { counted: null, delivered: 0 };

  readonly #reply: Reply;
  readonly #options: WholeOptions;
  readonly #onFirstByte: () => void;
  #resolve: (result: AttemptResult) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #isAborted = false;
  #status = 0;
  #retryAfter: string | null = null;
  #refuse: Refuse | null = null;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(reply: Reply, options: WholeOptions, onFirstByte: () => void) {
    this.#reply = reply;
    this.#options = options;
    this.#onFirstByte = onFirstByte;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  start(dispatcher: Dispatcher, request: UpstreamRequest): void {
    this.#refuse = request.refuse ?? null;
    dispatcher.dispatch(dispatchOptions(request), this);
  }

  abort(): void {
    this.#isAborted = true;
    this.#over({
      kind: 'failed',
      error: failRequest('upstream_failed', 'The request was given up.'),
      isRetryable: false,
      isReplicaFault: false,
    });
    this.#controller?.abort(new Error('the request was given up'));
  }

  resume(): void {
    // Nothing is written before the whole answer is here, so nothing ever waits.
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(new Error('the request was given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
  ): void {
    if (status < 200) return;
    this.#status = status;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : null;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#parts.push(chunk);
    if (this.#bytes <= ANSWER_BYTES_MAX) return;
    this.#over(invalidAnswer('more than it may'));
    controller.abort(new Error('the answer is too large'));
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const { upstream, request } = this.#options;
    if (bytes === undefined || this.#status !== 200) {
      const missing = this.#refuse === null ? unsupported(this.#status, request.operation) : null;
      const refuse = this.#refuse ?? refusal;
      const body = bytes ?? Buffer.alloc(0);
      return this.#over(missing ?? refuse(this.#status, body, this.#retryAfter));
    }
    const converted = upstream.whole === null ? bytes : upstream.whole(bytes);
    const answer = converted === null ? null : parseAnswer(converted, request);
    if (answer === null) return this.#over(invalidAnswer('something that is no answer'));
    const { counted, hasThought, tokensGuess } = answer;
    const other = usedBeside(request, answer.value);
    this.measured = { counted, hasThought, delivered: tokensGuess, ...other };
    this.#onFirstByte();
    this.#deliver(answer);
  }

  #deliver(answer: Answer): void {
    const { encoder, request } = this.#options;
    const named = nameTier(answer, request.fields);
    if (encoder === null) return this.#end(named.bytes);
    Promise.resolve(named.value)
      .then((value) => encoder.whole(value))
      .then((body) => this.#end(Buffer.from(JSON.stringify(body))))
      .catch((error: unknown) => this.#over(unfinished(error)));
  }

  #end(body: Buffer): void {
    if (this.#isOver) return;
    this.#reply.bytes(200, body);
    this.#over({ kind: 'finished' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#over(connectionFailure(error));
  }

  #over(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts = [];
    this.#resolve(result);
  }
}

/** Who asks for a class of service is told in the answer which it was. */
function nameTier(
  { value, bytes }: Pick<Answer, 'value' | 'bytes'>,
  fields: Readonly<Record<string, unknown>>,
): Pick<Answer, 'value' | 'bytes'> {
  const tier = namedTier(fields);
  if (tier === null) return { value, bytes };
  const named = { ...value, service_tier: tier };
  return { value: named, bytes: Buffer.from(JSON.stringify(named)) };
}
