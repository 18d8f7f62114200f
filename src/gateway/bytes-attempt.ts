/**
 * An attempt whose answer is bytes of some kind, sound for one: they go to the caller as they come. There
 * is no place in them for an error, so one that breaks halfway breaks the connection, and nobody takes the
 * half for the whole. RFC 9112 section 8.
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
  unsupported,
} from './attempt.ts';
import { failRequest } from './errors.ts';
import type { Reply } from './reply.ts';
import { rawPcmMs, soundMs } from './usage/sound/sound.ts';
import { spokenUse, within } from './usage/units.ts';
import { usedBeside } from './usage/used-beside.ts';
import { OPERATIONS } from './wire/operations.ts';
import { passThroughUsage } from './wire/openai/pass-through.ts';
import type { ParsedRequest } from './wire/openai/request.ts';

/** An hour of speech in MP3 is 60 MB; an engine without an end must not be paid with a disk. */
const ANSWER_BYTES_MAX = 512 * 1024 * 1024;
/** An answer in JSON says what it used; a longer one than this is not searched for it. */
const KEPT_BYTES_MAX = 1024 * 1024;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** Four minutes of MP3; what is longer is taken to sound like its beginning. */
const SOUND_BYTES_MAX = 4 * 1024 * 1024;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class BytesAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly ended: Promise<AttemptResult>;
  measured: Measured = { counted: null, delivered: 0 };

  readonly #reply: Reply;
  readonly #request: ParsedRequest;
  readonly #onFirstByte: () => void;
  #resolve: (result: AttemptResult) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  #refuse: Refuse | null = null;
  #isOver = false;
  #isAborted = false;
  #status = 0;
  #retryAfter: string | null = null;
  #contentType = '';
  #bytes = 0;
  /** An explanation of a refusal, or an answer in JSON. */
  #kept: Buffer[] = [];
  readonly #isSpeech: boolean;
  /** Its beginning, for how long it plays. */
  #sound: Buffer[] = [];

  constructor(reply: Reply, request: ParsedRequest, onFirstByte: () => void) {
    this.#reply = reply;
    this.#request = request;
    this.#onFirstByte = onFirstByte;
    this.#isSpeech = request.operation === 'speech';
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
    if (this.#controller?.paused === true) this.#controller.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(new Error('the request was given up'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
  ): void {
    if (status < 200 || this.#isOver) return;
    this.#status = status;
    this.#retryAfter = textOf(headers['retry-after']);
    this.#contentType = textOf(headers['content-type']) ?? '';
    if (status !== 200) return;
    const { bytesOf } = OPERATIONS[this.#request.operation];
    const isWanted = bytesOf?.test(this.#contentType) === true;
    if (isWanted && headers['content-encoding'] === undefined) return;
    this.#over(invalidAnswer('something that is no answer'));
    controller.abort(new Error('the answer is of no use'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#bytes += chunk.length;
    const isAnswer = this.#status === 200;
    const keptMax = isAnswer ? KEPT_BYTES_MAX : REFUSAL_BYTES_MAX;
    const isKept = !isAnswer || this.#contentType.startsWith('application/json');
    if (isKept && this.#bytes <= keptMax) this.#kept.push(chunk);
    if (this.#isSpeech && this.#bytes <= SOUND_BYTES_MAX) this.#sound.push(chunk);
    if (!isAnswer) return;
    if (this.#bytes > ANSWER_BYTES_MAX) {
      this.#over(invalidAnswer('more than it may'));
      controller.abort(new Error('the answer is too large'));
      return;
    }
    if (!this.#reply.isStarted) {
      this.#onFirstByte();
      this.#reply.startBytes(this.#contentType);
    }
    if (!this.#reply.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    const kept = Buffer.concat(this.#kept);
    if (this.#status !== 200) {
      const { operation } = this.#request;
      const missing = this.#refuse === null ? unsupported(this.#status, operation) : null;
      const refuse = this.#refuse ?? refusal;
      return this.#over(missing ?? refuse(this.#status, kept, this.#retryAfter));
    }
    if (this.#bytes === 0) return this.#over(invalidAnswer('nothing'));
    const answer = answerIn(kept);
    const counted = answer === null ? null : passThroughUsage(answer);
    this.measured = { counted, delivered: 0, ...usedBeside(this.#request, answer) };
    this.#reply.end();
    this.#over({ kind: 'finished' });
  }

  /** Also of what its caller cut short: what was spoken was made. */
  #measureSpeech(): void {
    const { expected, fields } = this.#request;
    if (expected === undefined) return;
    const isRaw = fields['response_format'] === 'pcm';
    const sound = Buffer.concat(this.#sound);
    this.#sound = [];
    const ms = isRaw ? rawPcmMs(this.#bytes) : soundMs(sound, this.#bytes);
    this.measured = { ...this.measured, other: within(expected, spokenUse(expected, ms)) };
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#over(connectionFailure(error));
  }

  #over(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isSpeech && this.#reply.hasContent) this.#measureSpeech();
    this.#resolve(result);
  }
}

function answerIn(bytes: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    // Sound, subtitles, or an answer too long to keep: nothing is said in them.
    return null;
  }
}

function textOf(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
