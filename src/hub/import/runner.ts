/**
 * Runs imports in the background of this process, a few at a time, each to one of three ends: its
 * revision is published; it failed or was cancelled and nothing of it is left; or this process stops
 * and what is staged waits for the next one.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { failImport } from '../errors.ts';
import {
  type ImportRow,
  claimImports,
  endImport,
  releaseImport,
  updateImportPlan,
} from '../import-store.ts';
import { parseModelName } from '../name.ts';
import { publish } from '../publish.ts';
import { discardStagesOf } from '../stages.ts';
import { backOffMs } from './download.ts';
import { type SourceClient, createSourceClient } from './http.ts';
import { IMPORT_LIMITS, type ImportLimits } from './plan.ts';
import { fetchImport } from './run.ts';
import { type Slots, createSlots } from './slots.ts';
import { CLAIM_MS, type Tracker, startTracker } from './tracker.ts';

export type ImportRunnerOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  limits?: ImportLimits;
  retryDelayMs?: (failures: number) => number;
  /** How often imports of dead processes are looked for. */
  claimIntervalMs?: number;
}>;

/** Downloads share one network link; a few at a time keep each one fast. */
const RUNNING_MAX = 4;
const CLAIM_INTERVAL_MS = 10_000;
/** Taken up at once; more wait for the next look. */
const CLAIMS_MAX = 100;

type Job = Readonly<{ abort: AbortController; ended: Promise<void> }>;
type Run = Readonly<{ token: string | null; tracker: Tracker; signal: AbortSignal }>;

export class ImportRunner {
  readonly #options: ImportRunnerOptions;
  readonly #client: SourceClient = createSourceClient();
  readonly #slots: Slots = createSlots(RUNNING_MAX);
  readonly #jobs = new Map<string, Job>();
  #isStopping = false;
  #timer: NodeJS.Timeout | null = null;
  #claiming: Promise<void> = Promise.resolve();

  constructor(options: ImportRunnerOptions) {
    this.#options = options;
  }

  /** Takes up what earlier processes left running, now and then. */
  start(): void {
    const { log, claimIntervalMs } = this.#options;
    const tick = (): void => {
      this.#claiming = this.#takeUp().catch((error: unknown) => {
        log.warn('import.claim_failed', { error });
      });
    };
    tick();
    this.#timer = setInterval(tick, claimIntervalMs ?? CLAIM_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#claiming;
    for (const job of this.#jobs.values()) job.abort.abort();
    await Promise.all([...this.#jobs.values()].map((job) => job.ended));
    await this.#client.stop();
  }

  /** Until when an import that is handed to this process belongs to it. */
  claimUntil(): Date {
    return new Date(this.#options.clock.nowMs() + CLAIM_MS);
  }

  launch(row: ImportRow, token: string | null): void {
    const { log } = this.#options;
    const abort = new AbortController();
    const ended = this.#work(row, token, abort)
      .catch((error: unknown) => log.error('import.broke', { importId: row.id, error }))
      .finally(() => this.#jobs.delete(row.id));
    this.#jobs.set(row.id, { abort, ended });
  }

  /** Ends the import's work in this process, if it is here, and throws its staged bytes away. */
  async drop(importId: string): Promise<void> {
    const job = this.#jobs.get(importId);
    job?.abort.abort();
    await job?.ended;
    await discardStagesOf(this.#options.objects, importId);
  }

  async #takeUp(): Promise<void> {
    const { database, clock, log } = this.#options;
    const now = new Date(clock.nowMs());
    const claim = { now, until: this.claimUntil(), limit: CLAIMS_MAX };
    for (const row of await claimImports(database, claim)) {
      if (this.#jobs.has(row.id) || this.#isStopping) continue;
      log.info('import.taken_up', { importId: row.id });
      this.launch(row, null);
    }
  }

  async #work(row: ImportRow, token: string | null, abort: AbortController): Promise<void> {
    const { database, objects } = this.#options;
    const onCancelled = (): void => abort.abort();
    const tracker = startTracker({ ...this.#options, importId: row.id, onCancelled });
    const { signal } = abort;
    try {
      await this.#slots.run(signal, () => this.#publish(row, { token, tracker, signal }));
      await tracker.stop();
    } catch (error) {
      await tracker.stop();
      if (this.#isStopping) return await releaseImport(database, row.id);
      // First, so that whoever reads that it failed finds nothing left of it.
      await discardStagesOf(objects, row.id);
      return await this.#fail(row, error);
    }
    // A blob that was here already leaves its copy staged.
    await discardStagesOf(objects, row.id);
  }

  async #publish(row: ImportRow, run: Run): Promise<void> {
    const { database, objects, clock, log, limits, retryDelayMs } = this.#options;
    log.info('import.started', { importId: row.id, tenantId: row.tenantId, model: row.modelName });
    const files = await fetchImport(row, {
      ...run,
      objects,
      client: this.#client,
      limits: limits ?? IMPORT_LIMITS,
      retryDelayMs: retryDelayMs ?? backOffMs,
      savePlan: (plan) => updateImportPlan(database, row.id, plan),
    });
    run.tracker.stage('checking');
    const published = await publish(
      { database, objects, clock },
      {
        ...row.request,
        tenantId: row.tenantId,
        name: parseModelName(row.modelName),
        files,
        also: async (tx, { revisionId, sizeBytes }) => {
          const isOurs = await endImport(tx, row.id, { state: 'succeeded', revisionId, sizeBytes });
          if (!isOurs) throw failImport('import.cancelled', 'The import was cancelled.');
        },
      },
    );
    log.info('import.succeeded', { importId: row.id, ...published });
  }

  async #fail(row: ImportRow, error: unknown): Promise<void> {
    const { database, log } = this.#options;
    const known = error instanceof FlywheelError;
    const code = known ? error.code : 'internal';
    const message = known ? error.message : 'Something went wrong here. The log has the rest.';
    const isOurs = await endImport(database, row.id, { state: 'failed', code, message });
    if (!isOurs) return;
    if (known && error.status < 500) log.info('import.failed', { importId: row.id, code });
    else log.error('import.failed', { importId: row.id, code, error });
  }
}
