/**
 * An attempt whose answer comes whole: it is collected up to a limit and checked to be an answer
 * before the caller sees a byte, so that a broken one can still be tried elsewhere.
 */
import type { Dispatcher } from 'undici';
import {
  type Attempt,
  type AttemptResult,
  type Measured,
  type UpstreamRequest,
  connectionFailure,
  dispatchOptions,
  invalidAnswer,
  refusal,
} from './attempt.ts';
import { failRequest } from './errors.ts';
import type { Reply } from './reply.ts';
import { parseAnswer } from './wire/openai/answer.ts';

/** 2,048 embeddings of 4,096 numbers in text; an answer in words is far below. */
export const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class WholeAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly ended: Promise<AttemptResult>;
  measured: Measured = { usage: null, delivered: 0 };

  readonly #reply: Reply;
  readonly #model: string;
  readonly #onFirstByte: () => void;
  #resolve: (result: AttemptResult) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #isAborted = false;
  #status = 0;
  #retryAfter: string | null = null;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(reply: Reply, options: Readonly<{ model: string }>, onFirstByte: () => void) {
    this.#reply = reply;
    this.#model = options.model;
    this.#onFirstByte = onFirstByte;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  start(dispatcher: Dispatcher, request: UpstreamRequest): void {
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
    if (bytes === undefined || this.#status !== 200) {
      return this.#over(refusal(this.#status, bytes ?? Buffer.alloc(0), this.#retryAfter));
    }
    const answer = parseAnswer(bytes, this.#model);
    if (answer === null) return this.#over(invalidAnswer('something that is no answer'));
    this.measured = { usage: answer.usage, delivered: answer.tokensGuess };
    this.#onFirstByte();
    this.#reply.bytes(200, answer.bytes);
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
