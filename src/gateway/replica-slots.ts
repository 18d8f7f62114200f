/**
 * The slots of the replicas, and who waits for one. A slot is taken and given back exactly once per
 * attempt; a request that finds none waits in a bounded queue, first come first served per model,
 * for a bounded time, and then gets a 503 that says when to come back. A deployment that sleeps is
 * woken. Everything is counted here, so that a leak shows as a number that is not zero.
 */
import type { Clock } from '#platform/clock.ts';
import { failRequest } from './errors.ts';
import type { FeedState } from './feed-state.ts';
import { type FeedView, type ServedModel, type ServedReplica, findModel } from './feed-view.ts';
import { type RouteReplica, chooseReplica } from './route.ts';

export type SlotRequest = Readonly<{
  modelName: string;
  tenantId: string;
  /** Replicas that this request has failed on. */
  tried: readonly string[];
}>;

export type Slot = Readonly<{
  replica: ServedReplica;
  /** Once; says whether the replica did its part. */
  release: (outcome: 'ok' | 'failed') => void;
}>;

export type Waiting = Readonly<{ slot: Promise<Slot>; leave: (reason: Error) => void }>;

/** Requests that wait for one model. More would only wait in vain: at 256 the wait is past any patience. */
export const QUEUE_MAX = 256;

/** A replica that failed is left alone this long, doubled with each failure in a row. */
const REST_MS_MIN = 500;
const REST_MS_MAX = 30_000;

/** What a caller is told to wait when a model starts: most small models load in this time. */
const RETRY_LOADING_MS = 5_000;
const RETRY_FULL_MS = 2_000;

type ReplicaCount = { outstanding: number; failures: number; restsUntilMs: number };

type Waiter = Readonly<{
  request: SlotRequest;
  give: (slot: Slot) => void;
  refuse: (reason: Error) => void;
  timer: NodeJS.Timeout;
}>;

export type ReplicaSlotsDeps = Readonly<{
  feed: FeedState;
  clock: Clock;
  region: string;
  waitMs: number;
  wake: (deploymentId: string) => void;
}>;

export class ReplicaSlots {
  readonly #deps: ReplicaSlotsDeps;
  readonly #counts = new Map<string, ReplicaCount>();
  readonly #queues = new Map<string, Waiter[]>();
  #taken = 0;

  constructor(deps: ReplicaSlotsDeps) {
    this.#deps = deps;
    deps.feed.subscribe(({ view }) => {
      forgetGone(this.#counts, view);
      for (const modelName of this.#queues.keys()) this.#serveQueue(modelName);
    });
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    let waiting = 0;
    for (const queue of this.#queues.values()) waiting += queue.length;
    return waiting;
  }

  /** A free slot, or null when one has to wait. Raises `model_not_ready` when waiting is no use. */
  take(request: SlotRequest): Slot | null {
    const served = findModel(this.#deps.feed.view(), request.modelName, request.tenantId);
    if (served === null) throw notReady(request.modelName, 'was removed');
    const slot = this.#takeFrom(served, request);
    if (slot !== null) return slot;
    refuseHopeless(served);
    for (const deployment of served.deployments) {
      if (deployment.state === 'absent') this.#deps.wake(deployment.id);
    }
    return null;
  }

  /** Raises `server_is_overloaded` when too many wait; the slot's promise rejects when none came in time. */
  wait(request: SlotRequest): Waiting {
    const queue = this.#queues.get(request.modelName) ?? [];
    if (queue.length >= QUEUE_MAX) throw overloaded(request.modelName);
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const leave = (reason: Error): void => {
      if (this.#removeWaiter(waiter)) reject(reason);
    };
    const timer = setTimeout(() => leave(this.#timeoutError(request)), this.#deps.waitMs);
    const waiter: Waiter = { request, give: resolve, refuse: reject, timer };
    queue.push(waiter);
    this.#queues.set(request.modelName, queue);
    return { slot: promise, leave };
  }

  #takeFrom(served: ServedModel, request: SlotRequest): Slot | null {
    const candidates = served.replicas.map((replica) =>
      routeReplica(replica, countOf(this.#counts, replica.id)),
    );
    const decision = chooseReplica(candidates, {
      region: this.#deps.region,
      nowMs: this.#deps.clock.monotonicMs(),
      tried: request.tried,
    });
    if (decision.kind !== 'replica') return null;
    const replica = served.replicas.find(({ id }) => id === decision.id);
    return replica === undefined ? null : this.#occupy(replica, request.modelName);
  }

  #occupy(replica: ServedReplica, modelName: string): Slot {
    const count = countOf(this.#counts, replica.id);
    count.outstanding += 1;
    this.#taken += 1;
    let isHeld = true;
    const release = (outcome: 'ok' | 'failed'): void => {
      if (!isHeld) return;
      isHeld = false;
      count.outstanding -= 1;
      this.#taken -= 1;
      rate(count, outcome, this.#deps.clock.monotonicMs());
      this.#serveQueue(modelName);
    };
    return { replica, release };
  }

  /** Gives free slots to those who wait; called whenever one may have become free. */
  #serveQueue(modelName: string): void {
    const queue = this.#queues.get(modelName);
    if (queue === undefined) return;
    // A copy, because those who are served leave the queue.
    for (const waiter of Array.from(queue)) {
      try {
        const slot = this.take(waiter.request);
        if (slot === null) continue;
        this.#removeWaiter(waiter);
        waiter.give(slot);
      } catch (error) {
        this.#removeWaiter(waiter);
        waiter.refuse(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** False when it had left already. */
  #removeWaiter(waiter: Waiter): boolean {
    clearTimeout(waiter.timer);
    const queue = this.#queues.get(waiter.request.modelName);
    const index = queue?.indexOf(waiter) ?? -1;
    if (queue === undefined || index === -1) return false;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(waiter.request.modelName);
    return true;
  }

  #timeoutError(request: SlotRequest): Error {
    const served = findModel(this.#deps.feed.view(), request.modelName, request.tenantId);
    const isReady = served?.replicas.some(({ state }) => state === 'ready') ?? false;
    return isReady ? overloaded(request.modelName) : stillLoading(request.modelName, served);
  }
}

function routeReplica(replica: ServedReplica, count: ReplicaCount): RouteReplica {
  const { id, region, state, parallel } = replica;
  const { outstanding, restsUntilMs } = count;
  return { id, region, state, parallel, outstanding, restsUntilMs };
}

function countOf(counts: Map<string, ReplicaCount>, id: string): ReplicaCount {
  let count = counts.get(id);
  if (count === undefined) {
    count = { outstanding: 0, failures: 0, restsUntilMs: 0 };
    counts.set(id, count);
  }
  return count;
}

function rate(count: ReplicaCount, outcome: 'ok' | 'failed', nowMs: number): void {
  if (outcome === 'ok') {
    count.failures = 0;
    count.restsUntilMs = 0;
    return;
  }
  count.failures += 1;
  count.restsUntilMs = nowMs + Math.min(REST_MS_MAX, REST_MS_MIN * 2 ** (count.failures - 1));
}

function forgetGone(counts: Map<string, ReplicaCount>, view: FeedView): void {
  const present = new Set(view.models.flatMap(({ replicas }) => replicas.map(({ id }) => id)));
  for (const [id, count] of counts) {
    if (count.outstanding === 0 && !present.has(id)) counts.delete(id);
  }
}

/** Waiting helps while something loads, sleeps or is busy; not where nothing will come. */
function refuseHopeless({ model, deployments, replicas }: ServedModel): void {
  if (deployments.length === 0) throw notReady(model.name, 'is not deployed');
  if (replicas.some(({ state }) => state === 'ready')) return;
  const failed = deployments.find(({ state }) => state === 'failed');
  if (failed === undefined || deployments.some(({ state }) => state !== 'failed')) return;
  throw notReady(model.name, 'could not be started');
}

function stillLoading(modelName: string, served: ServedModel | null): Error {
  const isLoading = served?.deployments.some(({ state }) => state === 'loading') ?? false;
  return notReady(modelName, isLoading ? 'is still loading' : 'has no replica that is ready');
}

function notReady(modelName: string, what: string): Error {
  return failRequest('model_not_ready', `The model ${modelName} ${what}. Please try again later.`, {
    retryAfterMs: RETRY_LOADING_MS,
  });
}

function overloaded(modelName: string): Error {
  return failRequest(
    'server_is_overloaded',
    `Every replica of ${modelName} is busy. Please try again in a moment.`,
    { retryAfterMs: RETRY_FULL_MS },
  );
}
