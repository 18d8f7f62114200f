/**
 * The life of one request that calls a model: authenticate, admit, journal, route, relay, settle. It
 * has one exit, which releases the hold and the slot and writes `settled` exactly once, whether the
 * answer was finished, the caller left, or something failed.
 *
 * The key is checked before the body is read, so that strangers cannot make us hold megabytes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import type { PriceTier } from '#pricing/tier.ts';
import type { Admission, SettleFacts } from './admissions.ts';
import { type Attempt, type AttemptResult, outcomeOf } from './attempt.ts';
import { checkBodyHead, readBody } from './body.ts';
import type { BodyMeter } from './body-budget.ts';
import { CacheUse } from './cache/cache-use.ts';
import { createAttempt } from './create-attempt.ts';
import { type BatchLine, batchLineOf, targetsFor } from './batch-line.ts';
import type { KeyIdentity } from './control-client.ts';
import { callerLeft } from './errors.ts';
import type { ExchangeParts } from './exchange-parts.ts';
import {
  outcomeOfExchange,
  reportExchange,
  reportFallback,
  reportRetry,
} from './exchange-report.ts';
import { secretOf } from './key-table.ts';
import { Liveness } from './liveness.ts';
import { type Passage, openPassage } from './limits/passage.ts';
import { PlaceInLine } from './queue/place-in-line.ts';
import { TIER_HEADER } from './queue/service-tier.ts';
import type { Slot } from './replica-slots.ts';
import { Reply } from './reply.ts';
import { retarget } from './routing/retarget.ts';
import { mayRetry } from './routing/retry.ts';
import {
  type Target,
  type TargetPlan,
  allowsFallback,
  nameServed,
  planTargets,
} from './routing/targets.ts';
import type { Owner } from './responses/kept-response.ts';
import { UNMEASURED, settlementOf } from './settlement.ts';
import { type SlotWishes, readWishes, sessionOf, slotRequest } from './slot-request.ts';
import { asError } from './unknown-error.ts';
import type { ParsedRequest } from './wire/openai/request.ts';
import { suitedTo } from './wire/openai/suited.ts';
import type { Call, Encoder, Endpoint, UpstreamDialect } from './wire/wire.ts';

export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #endpoint: Endpoint;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #reply: Reply;
  readonly #line: PlaceInLine;
  readonly #liveness: Liveness;
  readonly #cache: CacheUse;
  readonly #startedMs: number;

  #key: KeyIdentity | null = null;
  #passage: Passage | null = null;
  #request: ParsedRequest | null = null;
  #encoder: Encoder | null = null;
  #modelName: string | null = null;
  #admission: Admission | null = null;
  #wasAdmitted = false;
  #route: TargetPlan['route'] = null;
  #attempt: Attempt | null = null;
  #slot: Slot | null = null;
  #replica: Slot['replica'] | null = null;
  #giveUpApproach: (reason: Error) => void = () => {};
  #queueMs = 0;
  #hasLeft = false;
  #batchLine: BatchLine | null = null;
  #firstByteMs: number | null = null;
  #lastSeenDelivered = 0;

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
    this.#line = new PlaceInLine({ slots: parts.slots, reply: this.#reply, clock: parts.clock });
    this.#startedMs = parts.clock.monotonicMs();
    this.#cache = new CacheUse(parts.cache, this.#reply, parts.clock);
    const { timeouts } = parts;
    this.#liveness = new Liveness(this.#reply, { outgoing, timeouts, nowMs: this.#startedMs });
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
      const room = this.#parts.bodies.open(this.#outgoing);
      const bytes = await readBody(this.#incoming, this.#parts.bodyLimitBytes, room);
      const read = this.#read(bytes, key, room);
      const { request, encoder } = read instanceof Promise ? await read : read;
      this.#request = request;
      this.#encoder = encoder;
      this.#parts.contents.tap(key, bytes, this.#reply, this.#batchLine);
      const plan = this.#plan(key, request);
      const { targets } = plan;
      const isCached = this.#cache.ask({ key, request, targets, bytes, incoming: this.#incoming });
      if (isCached) await this.#replay(key, plan, request);
      else await this.#serve(key, request, plan);
      this.#cache.keep();
    } catch (thrown) {
      error = asError(thrown, this.#parts.log, this.#reply.requestId);
      this.#passage?.show(this.#reply);
      if (!this.#hasLeft) this.#reply.fail(error);
    }
    this.#settle(error);
    if (this.#reply.holdsBack) await this.#letGo();
    this.#liveness.letGoIfUnread();
  }

  /** Where an answer may leave only when it is on the books. A disk that fails is said by the journal. */
  async #letGo(): Promise<void> {
    await this.#parts.admissions.durable().catch(() => {});
    this.#reply.letGo();
  }

  /** Called about once a second: progress for the journal, a sign of life for a quiet caller. */
  tick(nowMs: number): void {
    const delivered = this.#attempt?.measured.delivered ?? 0;
    if (delivered !== this.#lastSeenDelivered) {
      this.#lastSeenDelivered = delivered;
      this.#liveness.spoke(nowMs);
      if (this.#admission !== null && this.#request !== null && this.#attempt !== null) {
        const { usage } = settlementOf(this.#attempt.measured, this.#request, 'cancelled');
        this.#parts.admissions.progress(this.#admission, usage);
      }
    }
    this.#liveness.tick(nowMs, this.#request?.isStream === true);
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
    this.#batchLine = batchLineOf(key, this.#incoming.headers);
    if (this.#batchLine !== null || this.#parts.admissions.isStrict) this.#reply.holdBack();
    const passage = openPassage(this.#parts.limiter, key, this.#incoming);
    this.#passage = passage instanceof Promise ? await passage : passage;
    return key;
  }

  #read(bytes: Buffer, caller: Owner, room: BodyMeter): Call | Promise<Call> {
    const [{ headers, url }, { requestId }] = [this.#incoming, this.#reply];
    const { responses, clock } = this.#parts;
    const input = { bytes, headers, url: url ?? '', requestId, caller, responses, room };
    return this.#endpoint.read({ ...input, nowMs: clock.nowMs() });
  }

  /** The models that the name leads to, for this key. */
  #plan(key: KeyIdentity, request: ParsedRequest): TargetPlan {
    const session = sessionOf(this.#incoming.headers, request);
    const { requestId } = this.#reply;
    const wanted = { name: request.model, requestId, session };
    return targetsFor(planTargets(this.#parts.feed.view(), key, wanted), this.#batchLine);
  }

  async #replay(key: KeyIdentity, { targets }: TargetPlan, request: ParsedRequest): Promise<void> {
    const [target] = targets;
    this.#modelName = target?.served.model.name ?? null;
    if (target !== undefined) await this.#admit(key, target, { request, isCached: true });
    this.#firstByteMs = this.#parts.clock.monotonicMs() - this.#startedMs;
    this.#cache.replay();
  }

  /** One target after the other, as far as the route allows. Each is admitted at its own price. */
  async #serve(key: KeyIdentity, request: ParsedRequest, plan: TargetPlan): Promise<void> {
    const { route, targets } = plan;
    this.#route = route;
    const wishes = readWishes(this.#incoming.headers, request);
    let failure: unknown = null;
    for (const [index, target] of targets.entries()) {
      const { name } = target.served.model;
      const isLast = index === targets.length - 1;
      const aimed = route === null ? request : retarget(request, name);
      this.#request = aimed;
      this.#modelName = name;
      try {
        await this.#admit(key, target, { request: aimed, attempt: index + 1, tier: wishes.tier });
        const isReplaceable = !isLast && route?.fallbackOn.includes('unavailable') === true;
        const { tenantId } = key;
        const regions = this.#passage?.regions ?? null;
        await this.#relay(aimed, { tenantId, target, wishes, isReplaceable, regions });
        return;
      } catch (error) {
        // What cannot be paid or is not free behind a failure must not hide the failure.
        failure = failure !== null && this.#admission === null ? failure : error;
        const goesOn = allowsFallback(route, error) || (index > 0 && this.#admission === null);
        if (isLast || !goesOn || this.#hasLeft || this.#reply.hasContent) throw failure;
        this.#fallBack(asError(error, this.#parts.log, this.#reply.requestId));
      }
    }
  }

  /** This target is given up: what was set aside for it is free again, and the next one starts anew. */
  #fallBack(error: FlywheelError): void {
    const { requestId } = this.#reply;
    reportFallback(this.#parts, { requestId, model: this.#modelName, error });
    const { status, code } = error;
    const settlement = settlementOf(UNMEASURED, null, 'failed');
    this.#settleAdmission({ outcome: 'failed', status, code, firstByteMs: null, ...settlement });
    this.#admission = null;
    this.#attempt = null;
    this.#replica = null;
  }

  async #admit(
    key: KeyIdentity,
    { served }: Target,
    asked: Readonly<{
      request: ParsedRequest;
      tier?: PriceTier;
      attempt?: number;
      isCached?: boolean;
    }>,
  ): Promise<void> {
    const requestId = this.#batchLine?.requestId ?? this.#reply.requestId;
    const passage = this.#passage;
    const admitted = this.#parts.admissions.admit({
      requestId,
      key,
      served,
      passage,
      ...asked,
      ...this.#batchLine,
    });
    this.#admission = admitted instanceof Promise ? await admitted : admitted;
    this.#wasAdmitted = true;
    passage?.show(this.#reply);
    if (this.#parts.admissions.isStrict) await this.#parts.admissions.onDisk();
    if (this.#hasLeft) throw callerLeft();
  }

  async #relay(request: ParsedRequest, from: SlotWishes): Promise<void> {
    const { retries } = this.#parts;
    const measured = () => this.#attempt?.measured ?? null;
    const wanted = slotRequest({ ...from, request, measured });
    if (wanted.tier !== 'default') this.#reply.setHeader(TIER_HEADER, wanted.tier);
    retries.earn(request.model);
    const tried: string[] = [];
    for (;;) {
      if (this.#hasLeft) throw callerLeft();
      const slot = await this.#line.take({ ...wanted, tried });
      const result = await this.#try(slot, request);
      if (result.kind === 'finished') return;
      const { error } = result;
      tried.push(slot.replica.id);
      if (this.#hasLeft) throw callerLeft();
      const { hasContent } = this.#reply;
      const { replicas } = from.target.served;
      if (!mayRetry(result, { hasContent, tried, replicas })) throw error;
      if (!retries.spend(request.model)) throw error;
      const { requestId } = this.#reply;
      reportRetry(this.#parts, { requestId, replicaId: slot.replica.id, error });
    }
  }

  async #try(slot: Slot, request: ParsedRequest): Promise<AttemptResult> {
    const { replica } = slot;
    this.#slot = slot;
    this.#replica = replica;
    this.#queueMs += slot.queued?.waitMs ?? 0;
    if (this.#route !== null)
      nameServed(this.#reply, this.#route, { ...replica, model: request.model });
    const approach = this.#parts.providers.approach(replica);
    this.#giveUpApproach = approach.giveUp;
    const reach = approach.reach instanceof Promise ? await approach.reach : approach.reach;
    if ('kind' in reach) {
      this.#releaseSlot(reach);
      return reach;
    }
    let attempt: ReturnType<typeof createAttempt>;
    try {
      if (this.#hasLeft) throw callerLeft();
      const call = suitedTo(replica, { request, encoder: this.#encoder });
      attempt = this.#createAttempt(call, reach.dialect);
      this.#attempt = attempt;
      const { requestId } = this.#reply;
      attempt.start(reach.dispatcher, { ...reach, request: call.request, requestId });
    } catch (error) {
      reach.leave();
      this.#releaseSlot({ kind: 'finished' });
      throw error;
    }
    const result = await attempt.ended;
    reach.leave();
    this.#releaseSlot(result);
    return result;
  }

  #createAttempt(
    { request, encoder }: Call,
    upstream: UpstreamDialect,
  ): ReturnType<typeof createAttempt> {
    const bounds = this.#parts.admissions.boundsOf(this.#admission);
    const onFirstByte = (): void => {
      this.#firstByteMs = this.#parts.clock.monotonicMs() - this.#startedMs;
      if (request.isStream) this.#slot?.answered();
    };
    const plan = { request, encoder, upstream, ...bounds, onFirstByte };
    return createAttempt(this.#reply, plan);
  }

  #releaseSlot(result: AttemptResult): void {
    this.#parts.metrics.countFault(result);
    this.#slot?.release(outcomeOf(result));
    this.#slot = null;
  }

  #resume(): void {
    this.#liveness.resumed();
    this.#attempt?.resume();
  }

  /** The caller is gone: out of the queue, off the engine, at once. */
  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#passage?.leave(callerLeft());
    this.#line.leave(callerLeft());
    this.#giveUpApproach(callerLeft());
    this.#attempt?.abort();
  }

  #settle(error: FlywheelError | null): void {
    const isCancelled = this.#hasLeft && (error !== null || !this.#outgoing.writableEnded);
    const outcome = outcomeOfExchange(error, isCancelled);
    const status = outcome === 'cancelled' ? 499 : this.#reply.status;
    const measured = this.#attempt?.measured ?? UNMEASURED;
    const settlement = settlementOf(measured, this.#attempt && this.#request, outcome);
    const code = error?.code ?? null;
    this.#parts.metrics.countClamps(measured);
    const firstByteMs = this.#firstByteMs;
    this.#settleAdmission({ outcome, status, firstByteMs, code, ...settlement });
    reportExchange(this.#parts, {
      requestId: this.#reply.requestId,
      key: this.#key,
      model: this.#modelName,
      replicaId: this.#replica?.id ?? null,
      outcome,
      status,
      durationMs: this.#parts.clock.monotonicMs() - this.#startedMs,
      firstByteMs,
      settlement,
      code,
      incoming: this.#incoming,
      asked: this.#request?.model ?? null,
      isAdmitted: this.#wasAdmitted,
    });
  }

  #settleAdmission(
    facts: Omit<SettleFacts, 'deploymentId' | 'replicaId' | 'region' | 'cache' | 'queueMs'>,
  ): void {
    if (this.#admission === null) return;
    this.#parts.admissions.settle(this.#admission, {
      ...facts,
      deploymentId: this.#replica?.deploymentId ?? null,
      replicaId: this.#replica?.id ?? null,
      region: this.#replica?.region ?? null,
      cache: this.#cache.result,
      queueMs: this.#queueMs,
    });
  }
}
