/**
 * An attempt whose answer is a stream of events. The engine's bytes go to the caller as they come;
 * a caller that reads slowly makes the engine wait, and a caller that left ends it.
 */
import type { Dispatcher } from 'undici';
import { failRequest } from './errors.ts';
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
} from './attempt.ts';
import type { Reply } from './reply.ts';
import { parseUsage } from './wire/openai/usage.ts';
import type { FundedStream, StreamFunds } from './stream-funds.ts';
import type { PromptCount } from './wire/wire.ts';
import type { EncodedStream } from './wire/encoded-stream.ts';
import type { AnswerStream, StreamFault } from './wire/openai/stream.ts';

/** An engine's explanation of an error; more is a page of HTML. */
const REFUSAL_BYTES_MAX = 64 * 1024;
/** After the end mark the engine should close; one that does not is cut off. */
const LINGER_MS = 1_000;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class StreamAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly ended: Promise<AttemptResult>;

  readonly #stream: AnswerStream | EncodedStream;
  readonly #reply: Reply;
  readonly #onFirstByte: () => void;
  #resolve: (result: AttemptResult) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  /** Events that carry no token are counted by nobody else, and an engine may never stop sending them. */
  #bytesLeft: number;
  readonly #funds: StreamFunds | null;
  readonly #funded: FundedStream = {
    pause: () => this.#controller?.pause(),
    resume: () => this.resume(),
    stop: (error) => {
      this.#giveUp({ kind: 'failed', error, isRetryable: false, isReplicaFault: false });
    },
  };
  #prompt: PromptCount | null = null;
  #isOver = false;
  #isAborted = false;
  /** The engine is done; only the last word to the caller is outstanding. */
  #isClosing = false;
  #refusalStatus = 0;
  #refusalParts: Buffer[] = [];
  #refusalBytes = 0;
  #retryAfter: string | null = null;
  #refuse: Refuse = refusal;
  #linger: NodeJS.Timeout | null = null;

  constructor(
    reply: Reply,
    source: Readonly<{
      stream: AnswerStream | EncodedStream;
      bytesMax: number;
      funds: StreamFunds | null;
    }>,
    onFirstByte: () => void,
  ) {
    this.#reply = reply;
    this.#stream = source.stream;
    this.#bytesLeft = source.bytesMax;
    this.#funds = source.funds;
    this.#onFirstByte = onFirstByte;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get measured(): Measured {
    const { counted, hasThought, delivered } = this.#stream;
    return { counted, hasThought, delivered, prompt: this.#prompt };
  }

  start(dispatcher: Dispatcher, request: UpstreamRequest): void {
    this.#refuse = request.refuse ?? refusal;
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
    if (this.#funds?.isShort(this.#stream.delivered) === true) return;
    if (this.#controller?.paused === true) this.#controller.resume();
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
    if (status < 200 || this.#isOver) return;
    if (status !== 200) {
      this.#refusalStatus = status;
      this.#retryAfter = textOf(headers['retry-after']);
      return;
    }
    this.#prompt = announcedPrompt(headers);
    if (this.#prompt !== null && 'announce' in this.#stream) this.#stream.announce(this.#prompt);
    const type = textOf(headers['content-type']) ?? 'nothing';
    if (!type.startsWith('text/event-stream') || headers['content-encoding'] !== undefined) {
      this.#giveUp(invalidAnswer('something that is no event stream'));
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver || this.#isClosing) return;
    if (this.#refusalStatus !== 0) return this.#keepRefusal(chunk);
    this.#bytesLeft -= chunk.length;
    if (this.#bytesLeft < 0) return this.#giveUp(faultResult(ENDLESS));
    const output = this.#push(chunk);
    if (output !== null && !this.#send(output)) controller.pause();
    if (this.#isOver) return;
    if (this.#stream.fault !== null) this.#giveUp(faultResult(this.#stream.fault));
    else if (this.#stream.isDone) this.#finish();
    else this.#funds?.spoke(this.#stream.delivered, this.#funded);
  }

  /** Thrown into the connection's own callback, a fault of ours would look like one of the engine. */
  #push(chunk: Buffer): Buffer | null {
    try {
      return this.#stream.push(chunk);
    } catch (error) {
      this.#giveUp(unfinished(error));
      return null;
    }
  }

  onResponseEnd(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    if (this.#isOver || this.#isClosing) return;
    if (this.#refusalStatus !== 0) {
      const body = Buffer.concat(this.#refusalParts);
      return this.#over(this.#refuse(this.#refusalStatus, body, this.#retryAfter));
    }
    const output = this.#stream.end();
    if (output !== null) this.#send(output);
    if (this.#stream.fault !== null) return this.#over(faultResult(this.#stream.fault));
    if (!this.#stream.isDone) return this.#over(truncated());
    this.#close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    if (!this.#isClosing) this.#over(connectionFailure(error));
  }

  #send(output: Buffer): boolean {
    if (!this.#reply.hasContent) this.#onFirstByte();
    return this.#reply.write(output);
  }

  /** The answer is complete for the caller; the engine may still have its last bytes to send. */
  #finish(): void {
    this.#linger = setTimeout(() => this.#controller?.abort(new Error('no end')), LINGER_MS);
    this.#close();
  }

  /** In a dialect of its own the end may wait until what the caller may ask for again is kept. */
  #close(): void {
    const closing = 'closing' in this.#stream ? this.#stream.closing() : null;
    if (!(closing instanceof Promise)) return this.#end(closing);
    this.#isClosing = true;
    closing.then(
      (last) => this.#end(last),
      (error: unknown) => this.#over(unfinished(error)),
    );
  }

  #end(last: Buffer | null): void {
    if (this.#isOver) return;
    if (last !== null && last.length > 0) this.#send(last);
    this.#reply.end();
    this.#over({ kind: 'finished' });
  }

  #keepRefusal(chunk: Buffer): void {
    this.#refusalBytes += chunk.length;
    if (this.#refusalBytes <= REFUSAL_BYTES_MAX) this.#refusalParts.push(chunk);
    else this.#giveUp(this.#refuse(this.#refusalStatus, Buffer.alloc(0), this.#retryAfter));
  }

  #giveUp(result: AttemptResult): void {
    this.#over(result);
    this.#controller?.abort(new Error('the answer is of no use'));
  }

  #over(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#resolve(result);
  }
}

const ENDLESS: StreamFault = { kind: 'runaway', message: 'a stream without an end' };

function faultResult(fault: StreamFault): AttemptResult {
  if (fault.kind === 'invalid') return invalidAnswer(fault.message);
  const error =
    fault.kind === 'runaway'
      ? failRequest('upstream_runaway', `The model's engine sent ${fault.message}.`)
      : failRequest('upstream_failed', 'The model failed while it was answering.', {
          cause: new Error(fault.message),
        });
  return { kind: 'failed', error, isRetryable: false, isReplicaFault: true };
}

function truncated(): AttemptResult {
  return {
    kind: 'failed',
    error: failRequest('upstream_truncated', 'The answer of the model was cut off.'),
    isRetryable: true,
    isReplicaFault: true,
  };
}

/** Our own engine says what the prompt took in the head of its answer; others say it at the end. */
function announcedPrompt(headers: Headers): PromptCount | null {
  const usage = parseUsage({
    prompt_tokens: Number(textOf(headers['x-flywheel-prompt-tokens']) ?? Number.NaN),
    prompt_cache_hit_tokens: Number(textOf(headers['x-flywheel-cached-tokens']) ?? 0),
  });
  return usage === null ? null : { input: usage.input, cacheRead: usage.cacheRead };
}

function textOf(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
