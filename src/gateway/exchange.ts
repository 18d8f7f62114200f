/**
 * The life of one request that calls a model: authenticate, admit, journal, route, relay, settle. It
 * has one exit, which releases the hold and the slot and writes `settled` exactly once, whether the
 * answer was finished, the caller left, or something failed.
 *
 * The key is checked before the body is read, so that strangers cannot make us hold megabytes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock } from '#platform/clock.ts';
import { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { AccessLog } from './access-log.ts';
import type { Admission, Admissions } from './admissions.ts';
import { admitModel } from './admission.ts';
import type { Attempt, AttemptResult, Timeouts } from './attempt.ts';
import { checkBodyHead, readBody } from './body.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { FeedState } from './feed-state.ts';
import type { ServedModel } from './feed-view.ts';
import { type KeyTable, secretOf } from './key-table.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ReplicaSlots, Slot } from './replica-slots.ts';
import { Reply } from './reply.ts';
import { type Settlement, settlementOf } from './settlement.ts';
import { StreamAttempt } from './stream-attempt.ts';
import { WholeAttempt } from './whole-attempt.ts';
import { EncodedStream } from './wire/encoded-stream.ts';
import { AnswerStream } from './wire/openai/stream.ts';
import type { ParsedRequest } from './wire/openai/request.ts';
import { upstreamDialect } from './wire/upstreams.ts';
import type { Call, Encoder, Endpoint, UpstreamDialect } from './wire/wire.ts';

/** What all requests share. */
export type ExchangeParts = Readonly<{
  feed: FeedState;
  keys: KeyTable;
  admissions: Admissions;
  slots: ReplicaSlots;
  upstream: Dispatcher;
  timeouts: Timeouts;
  metrics: GatewayMetrics;
  accessLog: AccessLog;
  log: Log;
  clock: Clock;
  bodyLimitBytes: number;
}>;

/** One try and two more: a third failure in a row is not bad luck. */
const ATTEMPTS_MAX = 3;

export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #endpoint: Endpoint;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #reply: Reply;
  readonly #startedMs: number;

  #key: KeyIdentity | null = null;
  #request: ParsedRequest | null = null;
  #encoder: Encoder | null = null;
  #modelName: string | null = null;
  #admission: Admission | null = null;
  #attempt: Attempt | null = null;
  #slot: Slot | null = null;
  #replicaId: string | null = null;
  #deploymentId: string | null = null;
  #leaveQueue: ((reason: Error) => void) | null = null;
  #hasLeft = false;
  #firstByteMs: number | null = null;
  #lastSeenDelivered = 0;
  #quietSinceMs: number;
  #stalledSinceMs: number | null = null;

  constructor(
    parts: ExchangeParts,
    endpoint: Endpoint,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ) {
    this.#parts = parts;
    this.#endpoint = endpoint;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#reply = new Reply(outgoing, {
      requestId: createId('req'),
      dialect: endpoint.dialect,
      onDrain: () => this.#resume(),
    });
    this.#startedMs = parts.clock.monotonicMs();
    this.#quietSinceMs = this.#startedMs;
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) this.#leave();
    });
  }

  /** Never rejects. */
  async run(): Promise<void> {
    let error: FlywheelError | null = null;
    try {
      checkBodyHead(this.#incoming, this.#parts.bodyLimitBytes);
      const key = await this.#identify();
      const bytes = await readBody(this.#incoming, this.#parts.bodyLimitBytes);
      const read = this.#read(bytes);
      const { request, encoder } = read instanceof Promise ? await read : read;
      this.#request = request;
      this.#encoder = encoder;
      const served = admitModel(this.#parts.feed.view(), key, request.model);
      this.#modelName = request.model;
      await this.#admit(key, served, request);
      await this.#relay(request);
    } catch (thrown) {
      error = this.#asError(thrown);
      if (!this.#hasLeft) this.#reply.fail(error);
    }
    this.#settle(error);
    this.#letGoIfUnread();
  }

  /** The rest of the answer lies in memory and nobody ticks us any more: a socket that does not move is cut. */
  #letGoIfUnread(): void {
    const { writableFinished } = this.#outgoing;
    if (!writableFinished) this.#outgoing.setTimeout(this.#parts.timeouts.stallMs);
  }

  /** Called about once a second: progress for the journal, a sign of life for a quiet caller. */
  tick(nowMs: number): void {
    const delivered = this.#attempt?.measured.delivered ?? 0;
    if (delivered !== this.#lastSeenDelivered) {
      this.#lastSeenDelivered = delivered;
      this.#quietSinceMs = nowMs;
      if (this.#admission !== null && this.#request !== null && this.#attempt !== null) {
        const { usage } = settlementOf(this.#attempt.measured, this.#request, 'cancelled');
        this.#parts.admissions.progress(this.#admission, usage);
      }
    }
    if (this.#reply.isBehind) {
      this.#stalledSinceMs ??= nowMs;
      if (nowMs - this.#stalledSinceMs > this.#parts.timeouts.stallMs) {
        this.#outgoing.destroy();
      }
      return;
    }
    if (
      this.#request?.isStream === true &&
      nowMs - this.#quietSinceMs >= this.#parts.timeouts.keepAliveMs
    ) {
      this.#quietSinceMs = nowMs;
      this.#reply.keepAlive();
    }
  }

  /** The gateway stops and the grace is over. */
  giveUp(): void {
    this.#leave();
    this.#outgoing.destroy();
  }

  async #identify(): Promise<KeyIdentity> {
    const found = this.#parts.keys.identify(secretOf(this.#incoming.headers));
    const key = found instanceof Promise ? await found : found;
    this.#key = key;
    return key;
  }

  #read(bytes: Buffer): Call | Promise<Call> {
    const { headers, url } = this.#incoming;
    const { requestId } = this.#reply;
    return this.#endpoint.read({ bytes, headers, url: url ?? '', requestId });
  }

  async #admit(key: KeyIdentity, served: ServedModel, request: ParsedRequest): Promise<void> {
    const requestId = this.#reply.requestId;
    const admitted = this.#parts.admissions.admit({ requestId, key, served, request });
    this.#admission = admitted instanceof Promise ? await admitted : admitted;
    if (this.#hasLeft) throw callerLeft();
  }

  async #relay(request: ParsedRequest): Promise<void> {
    const tried: string[] = [];
    for (;;) {
      const slot = await this.#takeSlot(request, tried);
      const result = await this.#try(slot, request);
      if (result.kind === 'finished') return;
      const { error } = result;
      tried.push(slot.replica.id);
      if (this.#hasLeft) throw callerLeft();
      if (!result.isRetryable || this.#reply.hasContent || tried.length >= ATTEMPTS_MAX) {
        throw error;
      }
      this.#parts.metrics.countRetry(error.code);
      this.#parts.log.warn('request.retried', {
        requestId: this.#reply.requestId,
        replicaId: slot.replica.id,
        code: error.code,
        reason: error.cause instanceof Error ? error.cause.message : error.message,
      });
    }
  }

  async #takeSlot(request: ParsedRequest, tried: readonly string[]): Promise<Slot> {
    if (this.#hasLeft) throw callerLeft();
    const tenantId = this.#key?.tenantId ?? '';
    const wanted = { modelName: request.model, tenantId, tried };
    const free = this.#parts.slots.take(wanted);
    if (free !== null) return free;
    const waiting = this.#parts.slots.wait(wanted);
    this.#leaveQueue = waiting.leave;
    try {
      return await waiting.slot;
    } finally {
      this.#leaveQueue = null;
    }
  }

  async #try(slot: Slot, request: ParsedRequest): Promise<AttemptResult> {
    const { replica } = slot;
    this.#slot = slot;
    this.#replicaId = replica.id;
    this.#deploymentId = replica.deploymentId;
    const dialect = upstreamDialect('openai');
    const attempt = this.#createAttempt(request, dialect);
    this.#attempt = attempt;
    try {
      const { requestId } = this.#reply;
      const { upstream, timeouts } = this.#parts;
      attempt.start(upstream, { replica, dialect, request, requestId, timeouts });
    } catch (error) {
      this.#releaseSlot({ kind: 'finished' });
      throw error;
    }
    const result = await attempt.ended;
    this.#releaseSlot(result);
    return result;
  }

  #createAttempt(request: ParsedRequest, upstream: UpstreamDialect): StreamAttempt | WholeAttempt {
    const onFirstByte = (): void => {
      this.#firstByteMs = this.#parts.clock.monotonicMs() - this.#startedMs;
    };
    if (!request.isStream) {
      const options = { request, encoder: this.#encoder, upstream };
      return new WholeAttempt(this.#reply, options, onFirstByte);
    }
    return new StreamAttempt(this.#reply, this.#createStream(request, upstream), onFirstByte);
  }

  #createStream(request: ParsedRequest, dialect: UpstreamDialect): AnswerStream | EncodedStream {
    const { model, wantsUsage } = request;
    const deliveredMax = this.#admission?.plan.deliveredMax ?? 0;
    const options = { model, wantsUsage, deliveredMax };
    const encoder = this.#encoder?.stream() ?? null;
    const upstream = dialect.stream?.() ?? null;
    if (encoder === null && upstream === null) return new AnswerStream(options);
    if (encoder !== null) this.#reply.encodedBy(encoder);
    return new EncodedStream({ ...options, encoder, upstream });
  }

  #releaseSlot(result: AttemptResult): void {
    const isFault = result.kind === 'failed' && result.isReplicaFault;
    this.#slot?.release(isFault ? 'failed' : 'ok');
    this.#slot = null;
  }

  #resume(): void {
    this.#stalledSinceMs = null;
    this.#attempt?.resume();
  }

  /** The caller is gone: out of the queue, off the engine, at once. */
  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#leaveQueue?.(callerLeft());
    this.#attempt?.abort();
  }

  #asError(thrown: unknown): FlywheelError {
    if (thrown instanceof FlywheelError) return thrown;
    this.#parts.log.error('request.broke', {
      requestId: this.#reply.requestId,
      error: thrown,
    });
    return new FlywheelError('internal', 'Something went wrong here.', { status: 500 });
  }

  #settle(error: FlywheelError | null): void {
    const { clock, admissions } = this.#parts;
    const outcome = this.#outcome(error);
    const status = outcome === 'cancelled' ? 499 : this.#reply.status;
    const settlement: Settlement =
      this.#attempt === null || this.#request === null
        ? settlementOf({ usage: null, delivered: 0 }, null, outcome)
        : settlementOf(this.#attempt.measured, this.#request, outcome);
    if (this.#admission !== null) {
      admissions.settle(this.#admission, {
        outcome,
        status,
        deploymentId: this.#deploymentId,
        replicaId: this.#replicaId,
        firstByteMs: this.#firstByteMs,
        ...settlement,
      });
    }
    const durationMs = clock.monotonicMs() - this.#startedMs;
    this.#measure({ outcome, status, durationMs, settlement, code: error?.code ?? null });
  }

  #outcome(error: FlywheelError | null): 'finished' | 'cancelled' | 'failed' {
    if (this.#hasLeft && (error !== null || !this.#outgoing.writableEnded)) return 'cancelled';
    return error === null ? 'finished' : 'failed';
  }

  #measure(end: {
    outcome: string;
    status: number;
    durationMs: number;
    settlement: Settlement;
    code: string | null;
  }): void {
    const { outcome, status, durationMs, settlement, code } = end;
    const { usage } = settlement;
    const firstByteMs = this.#firstByteMs;
    const model = this.#modelName;
    this.#parts.metrics.record({ model, outcome, status, durationMs, firstByteMs, usage });
    this.#parts.accessLog.write({
      requestId: this.#reply.requestId,
      projectId: this.#key?.projectId ?? null,
      keyId: this.#key?.id ?? null,
      model,
      status,
      code,
      durationMs,
      firstByteMs,
      inputTokens: usage.input + usage.cacheRead + usage.cacheWrite,
      outputTokens: usage.output + usage.reasoning,
      replicaId: this.#replicaId,
    });
  }
}

function callerLeft(): FlywheelError {
  return failRequest('request_timeout', 'The caller left.');
}
