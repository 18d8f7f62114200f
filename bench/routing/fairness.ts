/**
 * A quiet tenant beside a flood, in virtual time: the gateway's own slots and queue, in front of replicas
 * whose requests take as long as their tokens do. The quiet tenant sends a short request every second or
 * so; the flood keeps more waiting than the queue holds. The baseline is the same queue where nobody is
 * told apart, which is first come first served.
 */
import { createManualClock } from '#platform/clock.ts';
import { createFeedState } from '#gateway/feed-state.ts';
import { EMPTY_FEED, type Feed } from '#gateway/feed.ts';
import { ReplicaSlots, type Slot } from '#gateway/replica-slots.ts';
import { Events } from './events.ts';
import { type Random, createRandom } from './random.ts';

const MODEL = 'sim/model';
const REPLICAS = 4;
const PARALLEL = 8;
/** Milliseconds of work for a token that is read, and for one that is written. */
const PREFILL_MS = 0.2;
const DECODE_MS = 20;

export type FairnessOptions = Readonly<{
  /** Requests of the flood each second; the replicas can do some 7. */
  floodPerSecond: number;
  /** False: nobody is told apart. */
  isFair: boolean;
  seconds: number;
  seed: number;
}>;

export type FairnessResult = Readonly<{
  /** Of the quiet tenant, sorted: from the request to the first token. */
  firstTokenMs: readonly number[];
  floodServed: number;
  floodRefused: number;
  /** Share of slot time in use. */
  busyShare: number;
}>;

type Request = Readonly<{ tenantId: string; input: number; output: number }>;

export async function simulateFairness(options: FairnessOptions): Promise<FairnessResult> {
  const clock = createManualClock();
  const slots = createSlots(clock);
  const events = new Events();
  const endMs = options.seconds * 1_000;
  const firstTokenMs: number[] = [];
  const gone = new Set<(reason: Error) => void>();
  let floodServed = 0;
  let floodRefused = 0;
  let busyMs = 0;

  function begin(request: Request, slot: Slot, askedMs: number): void {
    const nowMs = clock.monotonicMs();
    const prefillMs = request.input * PREFILL_MS;
    const heldMs = prefillMs + request.output * DECODE_MS;
    if (request.tenantId === 'quiet') firstTokenMs.push(nowMs + prefillMs - askedMs);
    else floodServed += 1;
    busyMs += Math.min(heldMs, Math.max(0, endMs - nowMs));
    events.at(nowMs + heldMs, () => slot.release('ok'));
  }

  function ask(request: Request): void {
    const askedMs = clock.monotonicMs();
    let output = 0;
    const wanted = {
      modelName: MODEL,
      tenantId: options.isFair ? request.tenantId : 'everybody',
      tried: [],
      cost: () => request.input + 2 * output,
    };
    const begun = (slot: Slot): void => {
      output = request.output;
      begin(request, slot, askedMs);
    };
    const free = slots.take(wanted);
    if (free !== null) return begun(free);
    try {
      const { slot, leave } = slots.wait(wanted);
      gone.add(leave);
      slot.then(begun, () => {
        floodRefused += 1;
      });
    } catch {
      floodRefused += 1;
    }
  }

  function arrive(random: Random, everyMs: number, make: () => Request): void {
    const again = (): void => {
      if (clock.monotonicMs() >= endMs) return;
      ask(make());
      events.at(clock.monotonicMs() + random.exponential(everyMs), again);
    };
    events.at(random.exponential(everyMs), again);
  }

  // Each has randomness of its own, so that the quiet tenant asks for the same, beside whomever.
  const quiet = createRandom(options.seed);
  arrive(quiet, 1_000, () => ({
    tenantId: 'quiet',
    input: quiet.lognormal(800, 0.6),
    output: 60,
  }));
  if (options.floodPerSecond > 0) {
    const flood = createRandom(options.seed + 1);
    arrive(flood, 1_000 / options.floodPerSecond, () => ({
      tenantId: 'flood',
      input: flood.lognormal(800, 0.6),
      output: flood.lognormal(150, 0.6),
    }));
  }
  for (let event = events.next(); event !== null; event = events.next()) {
    clock.advance(event.atMs - clock.monotonicMs());
    if (event.atMs >= endMs) break;
    event.happen();
    // Whoever was given a slot begins before anything else happens.
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
  }
  for (const leave of gone) leave(new Error('the simulation is over'));
  const busyShare = busyMs / (endMs * REPLICAS * PARALLEL);
  firstTokenMs.sort((left, right) => left - right);
  return { firstTokenMs, floodServed, floodRefused, busyShare };
}

function createSlots(clock: ReturnType<typeof createManualClock>): ReplicaSlots {
  const deployment = { id: 'dep', tenantId: 'ten', modelName: MODEL, modelId: 'mdl' };
  const feed: Feed = {
    ...EMPTY_FEED,
    version: 1,
    models: [
      {
        name: MODEL,
        modelId: 'mdl',
        tenantId: 'ten',
        visibility: 'public',
        createdAtMs: 0,
        contextLength: null,
        capabilities: [],
        prices: [],
      },
    ],
    deployments: [{ ...deployment, isWanted: true, state: 'ready', reason: null }],
    replicas: Array.from({ length: REPLICAS }, (_, index) => ({
      id: `rep_${index}`,
      deploymentId: 'dep',
      nodeId: null,
      region: 'local',
      url: 'http://127.0.0.1:1/v1',
      engineKey: null,
      upstreamModel: null,
      parallel: PARALLEL,
      contextLength: null,
      capabilities: [],
      state: 'ready',
    })),
  };
  // Longer than the simulation: nobody gives up, so that the order alone is compared.
  const waitMs = 1_000_000_000;
  const state = createFeedState(clock, feed);
  return new ReplicaSlots({ feed: state, clock, region: 'local', waitMs, wake: () => {} });
}
