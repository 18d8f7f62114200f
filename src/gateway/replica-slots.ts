/**
 * The slots of the replicas, and who waits for one. A slot is taken and given back exactly once per
 * attempt; a request that finds none waits in a bounded, fair queue (see queue/) for a bounded time, is
 * refused at once where the wait would be longer than it may be, and gets a 503 that says when to come
 * back where its time runs out. A deployment that sleeps is woken. Everything is counted here, so that a
 * leak shows as a number that is not zero.
 */
import type { Clock } from '#platform/clock.ts';
import type { FeedState } from './feed-state.ts';
import { type FeedView, type ServedModel, type ServedReplica, findModel } from './feed-view.ts';
import type { Order, Work } from './queue/fair-queue.ts';
import { waitTooLong } from './queue/patience.ts';
import { Pool } from './queue/pool.ts';
import type { ServiceTier } from './queue/service-tier.ts';
import { type RouteReplica, chooseReplica } from './route.ts';
import type { Outcome } from './routing/breaker.ts';
import { PrefixIndex } from './routing/prefix-index.ts';
import { ReplicaHealths } from './routing/replica-health.ts';
import { hopeless, notReady, overloaded, stillLoading } from './slot-refusals.ts';

export type SlotRequest = Readonly<{
  modelName: string;
  tenantId: string;
  /** Replicas that this request has failed on. */
  tried: readonly string[];
  /** Only replicas of this deployment; of any where it is missing. */
  deploymentId?: string | null;
  /** Only replicas there; anywhere where it is missing. */
  regions?: ReadonlySet<string> | null;
  tier?: ServiceTier;
  /** How long it may wait; the setting where it is missing. */
  patienceMs?: number | null;
  /** Another model may answer instead: then nothing is waited for that is not even ready. */
  isReplaceable?: boolean;
  /** The prompt as blocks; asked for only where there is a choice. */
  blocks?: () => readonly number[];
  /** What it costs its tenant's share, as far as is known now. */
  cost?: () => number;
}>;

export type Slot = Readonly<{
  replica: ServedReplica;
  /** Null where it did not have to wait. */
  queued: Readonly<{ position: number; waitMs: number }> | null;
  /** The first byte of the answer has come. */
  answered: () => void;
  /** Once; says whether the replica did its part. */
  release: (outcome: Outcome) => void;
}>;

export type Waiting = Readonly<{
  slot: Promise<Slot>;
  /** About how many are served before it, and it. */
  position: number;
  leave: (reason: Error) => void;
}>;

/** A pool is looked at for outliers this often at most; what they are judged by moves slowly. */
const LOOK_EVERY_MS = 1_000;

type Waiter = Readonly<{
  request: SlotRequest;
  position: number;
  sinceMs: number;
  give: (slot: Slot) => void;
  refuse: (reason: Error) => void;
  timer: NodeJS.Timeout;
}>;

type Slots = Readonly<{ free: number; all: number; replicas: number }>;

type Found = Readonly<{ replica: ServedReplica; blocks: readonly number[] | null }>;

export type ReplicaSlotsDeps = Readonly<{
  feed: FeedState;
  clock: Clock;
  region: string;
  waitMs: number;
  wake: (deploymentId: string) => void;
}>;

export class ReplicaSlots {
  readonly #deps: ReplicaSlotsDeps;
  readonly #health = new ReplicaHealths();
  readonly #index = new PrefixIndex();
  readonly #pools = new Map<string, Pool<Waiter>>();
  #taken = 0;

  constructor(deps: ReplicaSlotsDeps) {
    this.#deps = deps;
    deps.feed.subscribe(({ view }) => {
      this.#forgetGone(view);
      for (const pool of this.#pools.values()) {
        this.#refuseHopeless(pool);
        this.#serveQueue(pool);
      }
    });
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    let waiting = 0;
    for (const { queue } of this.#pools.values()) waiting += queue.size;
    return waiting;
  }

  /** Blocks of prompts that are remembered. */
  get prefixBlocks(): number {
    return this.#index.blocks;
  }

  /** Replicas that are left alone now, because they fail or do worse than their peers. */
  get resting(): number {
    const { open, half_open: halfOpen, ejected } = this.#health.countBy(this.#nowMs());
    return open + halfOpen + ejected;
  }

  /** A free slot, or null when one has to wait. Raises `model_not_ready` when waiting is no use. */
  take(request: SlotRequest): Slot | null {
    const served = this.#find(request);
    if (served === null) throw notReady(request.modelName, 'was removed');
    const pool = this.#poolOf(served);
    pool.saw(request.tenantId, this.#nowMs());
    // Nobody overtakes those who wait.
    const found = pool.queue.size === 0 ? this.#seek(served, pool, request) : null;
    if (found !== null) {
      return this.#occupy(found, { pool, request, work: pool.queue.enter(orderOf(request)) });
    }
    const reason = hopeless(served);
    if (reason !== null) throw reason;
    for (const deployment of served.deployments) {
      if (deployment.state === 'absent') this.#deps.wake(deployment.id);
    }
    return null;
  }

  /**
   * Raises `queue_wait_too_long` or `server_is_overloaded` when there is no place or no hope; the slot's
   * promise rejects when none came in time.
   */
  wait(request: SlotRequest): Waiting {
    const served = this.#find(request);
    if (served === null) throw notReady(request.modelName, 'was removed');
    const isReady = served.replicas.some(({ state }) => state === 'ready');
    if (request.isReplaceable === true && !isReady) throw stillLoading(request.modelName, served);
    const pool = this.#poolOf(served);
    const patienceMs = request.patienceMs ?? this.#deps.waitMs;
    const position = pool.queue.positionOf(orderOf(request));
    const expectedWaitMs = pool.service.expectedWaitMs(position, this.#slotsOf(served).all);
    if (expectedWaitMs !== null && expectedWaitMs > patienceMs) {
      throw waitTooLong({ modelName: request.modelName, expectedWaitMs, patienceMs });
    }
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const leave = (reason: Error): void => {
      clearTimeout(timer);
      if (pushed !== null && pool.queue.remove(pushed.ticket)) reject(reason);
    };
    const timer = setTimeout(() => leave(this.#timeoutError(request)), patienceMs);
    const sinceMs = this.#nowMs();
    const waiter = { request, position, sinceMs, give: resolve, refuse: reject, timer };
    const pushed = pool.queue.push(waiter, orderOf(request));
    if (pushed === null) {
      clearTimeout(timer);
      throw overloaded(request.modelName);
    }
    if (pushed.displaced !== null) refuse(pushed.displaced, overloaded(request.modelName));
    this.#serveQueue(pool);
    return { slot: promise, position, leave };
  }

  #nowMs(): number {
    return this.#deps.clock.monotonicMs();
  }

  /** The model as this request may use it, of one deployment where it says so. */
  #find({ modelName, tenantId, deploymentId = null, regions = null }: SlotRequest) {
    const served = findModel(this.#deps.feed.view(), modelName, tenantId);
    if (served === null || (deploymentId === null && regions === null)) return served;
    const isWanted = (id: string): boolean => deploymentId === null || id === deploymentId;
    return {
      model: served.model,
      deployments: served.deployments.filter(({ id }) => isWanted(id)),
      replicas: served.replicas.filter(
        (replica) => isWanted(replica.deploymentId) && regions?.has(replica.region) !== false,
      ),
    };
  }

  #poolOf({ model }: ServedModel): Pool<Waiter> {
    const key = poolKey(model);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new Pool();
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** The replica for this request, if it may have one now. */
  #seek(served: ServedModel, pool: Pool<Waiter>, request: SlotRequest): Found | null {
    const nowMs = this.#nowMs();
    const slots = this.#slotsOf(served);
    if (!pool.mayTake(orderOf(request), slots, nowMs)) return null;
    const blocks = slots.replicas > 1 ? (request.blocks?.() ?? null) : null;
    const candidates = served.replicas.map((replica): RouteReplica => {
      const health = this.#health.of(replica.id, nowMs);
      const { id, region, state, parallel } = replica;
      const cached = blocks === null ? 0 : this.#index.matchOf(id, blocks);
      return {
        id,
        region,
        state,
        parallel,
        outstanding: health.outstanding,
        restsUntilMs: health.restsUntilMs(nowMs),
        // The part that fills no block is always new.
        newPrefill: (blocks?.length ?? 0) - cached + 1,
      };
    });
    const { region } = this.#deps;
    const decision = chooseReplica(candidates, { region, nowMs, tried: request.tried });
    if (decision.kind !== 'replica') return null;
    const replica = served.replicas.find(({ id }) => id === decision.id);
    return replica === undefined ? null : { replica, blocks };
  }

  #slotsOf(served: ServedModel): Slots {
    const slots = { free: 0, all: 0, replicas: 0 };
    const nowMs = this.#nowMs();
    for (const { id, state, parallel } of served.replicas) {
      if (state !== 'ready') continue;
      slots.replicas += 1;
      slots.all += parallel;
      slots.free += Math.max(0, parallel - this.#health.of(id, nowMs).outstanding);
    }
    return slots;
  }

  #occupy(
    { replica, blocks }: Found,
    from: Readonly<{ pool: Pool<Waiter>; request: SlotRequest; work: Work; waiter?: Waiter }>,
  ): Slot {
    const { pool, request, waiter } = from;
    const startMs = this.#nowMs();
    const health = this.#health.of(replica.id, startMs);
    const isProbe = health.begin(startMs);
    if (blocks !== null) this.#index.note(replica.id, blocks);
    this.#taken += 1;
    const finish = pool.begin(from.work, request.cost ?? ((): number => 1));
    let firstByteMs: number | null = null;
    let isHeld = true;
    return {
      replica,
      queued:
        waiter === undefined
          ? null
          : { position: waiter.position, waitMs: startMs - waiter.sinceMs },
      answered: () => {
        firstByteMs ??= this.#nowMs() - startMs;
      },
      release: (outcome) => {
        if (!isHeld) return;
        isHeld = false;
        this.#taken -= 1;
        const nowMs = this.#nowMs();
        finish();
        health.end(outcome, { isProbe, nowMs, firstByteMs });
        if (outcome === 'ok') pool.service.record(nowMs - startMs);
        this.#lookForOutliers(pool, request);
        this.#serveQueue(pool);
      },
    };
  }

  #lookForOutliers(pool: Pool<Waiter>, request: SlotRequest): void {
    const nowMs = this.#nowMs();
    if (nowMs - pool.lookedAtMs < LOOK_EVERY_MS) return;
    pool.lookedAtMs = nowMs;
    const served = findModel(this.#deps.feed.view(), request.modelName, request.tenantId);
    const ready = served?.replicas.filter(({ state }) => state === 'ready') ?? [];
    this.#health.ejectOutliers(
      ready.map(({ id }) => id),
      nowMs,
    );
  }

  /** Gives free slots to those whose turn it is; called whenever one may have become free. */
  #serveQueue(pool: Pool<Waiter>): void {
    for (;;) {
      const slots = this.#slotsFor(pool);
      if (slots === null || slots.free === 0) return;
      pool.charge();
      const turn = pool.queue.next(
        (order) => pool.mayTake(order, slots, this.#nowMs()),
        ({ request }) => {
          const served = this.#find(request);
          return served === null ? null : this.#seek(served, pool, request);
        },
      );
      if (turn === null) return;
      const { item: waiter, found, work } = turn;
      clearTimeout(waiter.timer);
      waiter.give(this.#occupy(found, { pool, request: waiter.request, work, waiter }));
    }
  }

  /** Slots of the whole pool, null where nobody waits. */
  #slotsFor({ queue }: Pool<Waiter>): Slots | null {
    const request = queue.any()?.request;
    const served =
      request === undefined ? null : this.#find({ ...request, deploymentId: null, regions: null });
    return served === null ? null : this.#slotsOf(served);
  }

  /** Those who wait for what the new feed has no more are told now. */
  #refuseHopeless(pool: Pool<Waiter>): void {
    pool.queue.removeWhere((waiter) => {
      const served = this.#find(waiter.request);
      const reason =
        served === null ? notReady(waiter.request.modelName, 'was removed') : hopeless(served);
      if (reason !== null) refuse(waiter, reason);
      return reason !== null;
    });
  }

  #forgetGone(view: FeedView): void {
    const ids = view.models.flatMap(({ replicas }) => replicas.map(({ id }) => id));
    for (const id of this.#health.keepOnly(new Set(ids))) this.#index.forget(id);
    const keys = new Set(view.models.map(({ model }) => poolKey(model)));
    for (const [key, pool] of this.#pools) {
      if (pool.isIdle && !keys.has(key)) this.#pools.delete(key);
    }
  }

  #timeoutError(request: SlotRequest): Error {
    const served = this.#find(request);
    const isReady = served?.replicas.some(({ state }) => state === 'ready') ?? false;
    return isReady ? overloaded(request.modelName) : stillLoading(request.modelName, served);
  }
}

function orderOf({ tenantId, tier = 'default' }: SlotRequest): Order {
  return { tenantId, tier };
}

/** A name means one model, but who asks decides which: so both are in the key. */
function poolKey({ modelId, name }: ServedModel['model']): string {
  return `${modelId} ${name}`;
}

function refuse(waiter: Waiter, reason: Error): void {
  clearTimeout(waiter.timer);
  waiter.refuse(reason);
}
