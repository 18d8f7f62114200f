/**
 * One replica's life on its node: fetch the weights, start the engine, watch it, start it again when
 * it dies, let it finish and stop it. It never gives up by itself; what it could not do is in its
 * state's reason. One runner is one replica; `stop` ends it for good.
 */
import type { Clock } from '#platform/clock.ts';
import type { EngineAdapter, EngineKind, EngineSpec, RunningEngine } from '#engine/engine.ts';
import { FlywheelError, messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { DesiredReplica, ReplicaReport } from '../sync.ts';
import { STABLE_AFTER_MS, backOff } from './back-off.ts';
import type { BlobCache } from './blob-cache.ts';

export type RunnerOptions = Readonly<{
  desired: DesiredReplica;
  adapters: Readonly<Record<EngineKind, EngineAdapter>>;
  blobs: BlobCache;
  clock: Clock;
  log: Log;
  threads: number | null;
  /** Called after each change worth telling control at once. */
  onChange: () => void;
}>;

type Status = Omit<ReplicaReport, 'id' | 'wasActive'>;

/** Gateways need a moment to hear that it drains; only silence after that means idle. */
const IDLE_LOOKS = 3;
const IDLE_LOOK_EVERY_MS = 500;
/** What is still running then has had its grace. */
const KILL_GRACE_MS = 1_000;
/** Loading reports come in hundreds; control needs a few a second. */
const PROGRESS_EVERY_MS = 500;

const IDLE: Status = {
  state: 'absent',
  reason: null,
  progress: null,
  url: null,
  engineKey: null,
  info: null,
  restarts: 0,
  running: 0,
  waiting: 0,
};

export class ReplicaRunner {
  readonly #options: RunnerOptions;
  readonly #stopping = new AbortController();
  readonly #finished: Promise<void>;
  #status: Status = { ...IDLE, state: 'loading', reason: 'starting' };
  #engine: RunningEngine | null = null;
  #lastStats = '';
  #wasActive = false;
  #toldAtMs = -Infinity;

  /** Starts at once. */
  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#finished = this.#run();
  }

  get id(): string {
    return this.#options.desired.id;
  }

  report(): ReplicaReport {
    const report = { id: this.id, ...this.#status, wasActive: this.#wasActive };
    this.#wasActive = false;
    return report;
  }

  /** Looks at the engine's load; the next report carries it. */
  async measure(): Promise<void> {
    const stats = await this.#engine?.stats().catch(() => null);
    if (stats === null || stats === undefined) return;
    const text = JSON.stringify(stats);
    this.#wasActive ||= this.#lastStats !== '' && text !== this.#lastStats;
    this.#lastStats = text;
    this.#status = { ...this.#status, running: stats.running ?? 0, waiting: stats.waiting ?? 0 };
  }

  /** Waits until it is idle, at most `graceMs`, then ends the engine. Settles when it is gone. */
  async stop(graceMs: number): Promise<void> {
    if (graceMs > 0) {
      this.#become({ state: 'draining', reason: 'finishing what it answers' });
      await this.#untilIdle(graceMs);
    }
    this.#stopping.abort();
    await this.#engine?.stop(KILL_GRACE_MS);
    await this.#finished;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAtMs = clock.monotonicMs();
      const end = await this.#endOfOneRun();
      if (this.#stopping.signal.aborted) return;
      failures = clock.monotonicMs() - startedAtMs > STABLE_AFTER_MS ? 1 : failures + 1;
      const { delayMs, hasGivenUp } = backOff({ failures, isHopeless: end.isHopeless });
      log.warn('replica.ended', { reason: end.message, failures, delayMs });
      this.#become({
        ...IDLE,
        restarts: this.#status.restarts + 1,
        state: hasGivenUp ? 'failed' : 'loading',
        reason: `${end.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`,
      });
      await wait(delayMs, this.#stopping.signal);
    }
  }

  /** However a start or a run ends, as one sentence. */
  async #endOfOneRun(): Promise<End> {
    try {
      const engine = await this.#load();
      return { message: await this.#serve(engine), isHopeless: false };
    } catch (error) {
      // What is wrong with the request to start is wrong again the next time.
      const isHopeless = error instanceof FlywheelError && error.status === 400;
      return { message: messageOf(error), isHopeless };
    }
  }

  async #load(): Promise<RunningEngine> {
    const { desired, blobs, adapters, log } = this.#options;
    const { signal } = this.#stopping;
    const pulling = this.#progress('pulling weights');
    const options = { signal, onProgress: pulling };
    const weightsPath = await blobs.ensureSet(desired.weights, options);
    const adapterPath = await blobs.ensureSet(
      desired.adapter === null ? [] : [desired.adapter],
      options,
    );
    const onProgress = this.#progress('loading weights');
    onProgress(0);
    const spec = toSpec(this.#options, { weightsPath, adapterPath });
    return adapters[desired.engine].start(spec, { log, signal, onProgress });
  }

  async #serve(engine: RunningEngine): Promise<string> {
    this.#engine = engine;
    this.#options.log.info('replica.ready');
    this.#become({
      state: 'ready',
      reason: null,
      progress: null,
      url: engine.url,
      engineKey: engine.key,
      info: toInfo(engine),
    });
    const exit = await engine.exited;
    this.#engine = null;
    return exit.message;
  }

  async #untilIdle(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + graceMs;
    for (let looks = 0; looks < IDLE_LOOKS && clock.monotonicMs() < untilMs;) {
      if (this.#engine === null) return;
      const stats = await this.#engine.stats().catch(() => null);
      const isIdle = stats !== null && (stats.running ?? 0) + (stats.waiting ?? 0) === 0;
      looks = isIdle ? looks + 1 : 0;
      await wait(IDLE_LOOK_EVERY_MS);
    }
  }

  #become(change: Partial<Status>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onChange();
  }

  #progress(reason: string): (fraction: number) => void {
    return (progress) => {
      const isNew = reason !== this.#status.reason;
      this.#status = { ...this.#status, state: 'loading', reason, progress };
      const nowMs = this.#options.clock.monotonicMs();
      if (!isNew && nowMs - this.#toldAtMs < PROGRESS_EVERY_MS) return;
      this.#toldAtMs = nowMs;
      this.#options.onChange();
    };
  }
}

type End = Readonly<{ message: string; isHopeless: boolean }>;

function toSpec(
  options: RunnerOptions,
  { weightsPath, adapterPath }: { weightsPath: string | null; adapterPath: string | null },
): EngineSpec {
  const { desired, threads } = options;
  return {
    model: desired.modelName,
    parallel: desired.parallel,
    ...(desired.contextLength === null ? {} : { contextLength: desired.contextLength }),
    ...(desired.baseUrl === null ? {} : { baseUrl: desired.baseUrl }),
    ...(desired.upstreamModel === null ? {} : { upstreamModel: desired.upstreamModel }),
    ...(weightsPath === null ? {} : { weightsPath }),
    ...(adapterPath === null ? {} : { adapterPath }),
    ...(threads === null ? {} : { threads }),
  };
}

function toInfo(engine: RunningEngine): ReplicaReport['info'] {
  const { model, contextLength, parallel, capabilities } = engine.info;
  const names = Object.entries(capabilities)
    .filter(([, has]) => has)
    .map(([name]) => name);
  return { model, contextLength, parallel, capabilities: names };
}

function wait(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
  });
}
