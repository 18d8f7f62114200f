/**
 * The node's agent: tells control what runs here and makes here run what control answers. Nothing it
 * holds must survive it: after a restart it reports an empty machine and builds everything again from
 * the next answer. Without control its replicas keep serving.
 */
import { availableParallelism, hostname, totalmem } from 'node:os';
import type { EngineAdapter, EngineKind } from '#engine/engine.ts';
import type { Clock } from '#platform/clock.ts';
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { createChangeSignal } from '../change-signal.ts';
import type { DesiredReplica, NodeReport } from '../sync.ts';
import { type BlobCache, createBlobCache } from './blob-cache.ts';
import type { ControlClient } from './control-client.ts';
import { type LogRing, createLogRing } from './log-ring.ts';
import { ReplicaRunner } from './replica-runner.ts';

export type AgentOptions = Readonly<{
  control: ControlClient;
  adapters: Readonly<Record<EngineKind, EngineAdapter>>;
  cache: ObjectStore;
  sharedPath: (sha256: string) => string | null;
  clock: Clock;
  log: Log;
  name: string | null;
  region: string;
  version: string;
  /** CPU threads of one engine; null lets the engine choose. */
  threads: number | null;
}>;

/** Gateways stop routing within a second or two; longer answers get the rest. */
const DRAIN_GRACE_MS = 30_000;
const MEASURE_EVERY_MS = 2_000;
/** At the start control is a moment away; later it may be away for long. */
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
const WARN_EVERY_FAILURES = 20;
const JOINED_FOR_MS = 15_000;
/** The last word to control is a courtesy that must not delay the end. */
const FAREWELL_MS = 1_000;

export class Agent {
  readonly #options: AgentOptions;
  readonly #changes = createChangeSignal();
  readonly #ring: LogRing;
  readonly #blobs: BlobCache;
  readonly #runners = new Map<string, ReplicaRunner>();
  readonly #draining = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #measuring: NodeJS.Timeout;
  readonly #loop: Promise<void>;
  /** There is something that control does not know yet. */
  #hasNews = true;
  #isLeaving = false;
  /** Ends the report that control holds open. */
  #held: AbortController | null = null;
  #knownTag: string | null = null;
  #heardAtMs = -Infinity;

  /** Starts at once. */
  constructor(options: AgentOptions) {
    this.#options = options;
    this.#ring = createLogRing(options.clock);
    this.#blobs = createBlobCache(options);
    this.#measuring = setInterval(() => this.#measure(), MEASURE_EVERY_MS);
    this.#loop = this.#syncUntilStopped();
  }

  /** Control answered lately. */
  isJoined(): boolean {
    return this.#options.clock.monotonicMs() - this.#heardAtMs < JOINED_FOR_MS;
  }

  countReplicas(): number {
    return this.#runners.size;
  }

  /** Lets every replica finish for up to `graceMs`, then ends them and tells control. */
  async stop(graceMs: number): Promise<void> {
    clearInterval(this.#measuring);
    this.#isLeaving = true;
    this.#tell();
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop(graceMs)));
    this.#runners.clear();
    this.#stopping.abort();
    await this.#loop;
    const farewell = this.#options.control.sync(this.#report(), AbortSignal.timeout(FAREWELL_MS));
    // Control may be stopping as well; it then finds out by itself.
    await farewell.catch(() => null);
  }

  async #syncUntilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#sync();
        failures = 0;
      } catch (error) {
        // Broken off by ourselves, because there is news to tell.
        if (signal.aborted || this.#held?.signal.aborted === true) continue;
        failures += 1;
        this.#hasNews = true;
        if (failures % WARN_EVERY_FAILURES === 1) {
          this.#options.log.warn('node.control_unreachable', {
            reason: messageOf(error),
            failures,
          });
        }
        await this.#changes.wait(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * failures), signal);
      }
    }
  }

  /** News are answered at once; without any, control holds the report until it wants a change. */
  async #sync(): Promise<void> {
    const report = this.#report();
    const isNews = this.#hasNews || report.logs.length > 0;
    this.#hasNews = false;
    this.#held = isNews ? null : new AbortController();
    const { signal } = this.#stopping;
    const answer = await this.#options.control.sync(
      isNews ? report : { ...report, knownTag: this.#knownTag },
      this.#held === null ? signal : AbortSignal.any([signal, this.#held.signal]),
    );
    this.#heardAtMs = this.#options.clock.monotonicMs();
    this.#ring.drop(report.logs.length);
    if (answer.tag === this.#knownTag) return;
    this.#knownTag = answer.tag;
    this.#act(answer.replicas);
  }

  #report(): NodeReport {
    return {
      ...machineOf(this.#options),
      isLeaving: this.#isLeaving,
      replicas: [...this.#runners.values()].map((runner) => runner.report()),
      logs: [...this.#ring.peek()],
      knownTag: null,
    };
  }

  #act(replicas: readonly DesiredReplica[]): void {
    const wanted = new Map(replicas.map((desired) => [desired.id, desired]));
    for (const runner of this.#runners.values()) {
      if (wanted.get(runner.id)?.isDraining !== false) void this.#drain(runner, DRAIN_GRACE_MS);
    }
    for (const desired of replicas) {
      if (this.#isLeaving || desired.isDraining || this.#runners.has(desired.id)) continue;
      this.#start(desired);
    }
  }

  #start(desired: DesiredReplica): void {
    const { id, deploymentId, modelName } = desired;
    const log = this.#options.log.with({ replicaId: id, deploymentId });
    log.info('replica.starting', { model: modelName });
    const runner = new ReplicaRunner({
      ...this.#options,
      desired,
      blobs: this.#blobs,
      log: this.#ring.tee(id, log),
      onChange: () => this.#tell(),
    });
    this.#runners.set(id, runner);
  }

  #drain(runner: ReplicaRunner, graceMs: number): Promise<void> {
    const running = this.#draining.get(runner.id);
    if (running !== undefined) return running;
    const draining = this.#end(runner, graceMs);
    this.#draining.set(runner.id, draining);
    return draining;
  }

  async #end(runner: ReplicaRunner, graceMs: number): Promise<void> {
    await runner.stop(graceMs);
    this.#runners.delete(runner.id);
    this.#draining.delete(runner.id);
    this.#options.log.info('replica.stopped', { replicaId: runner.id });
    this.#tell();
  }

  #measure(): void {
    for (const runner of this.#runners.values()) void runner.measure();
    // Log lines alone do not hurry; they leave with this beat.
    if (this.#ring.peek().length > 0) this.#tell();
  }

  #tell(): void {
    this.#hasNews = true;
    this.#held?.abort();
    this.#changes.notify();
  }
}

function machineOf(options: AgentOptions) {
  return {
    name: options.name ?? hostname(),
    region: options.region,
    zone: 'a',
    cores: availableParallelism(),
    // In a container the limit counts, not the machine; without a limit it is an absurd number or 0.
    memoryBytes: Math.min(process.constrainedMemory() || Infinity, totalmem()),
    version: options.version,
  };
}
