/**
 * What makes batches go: takes those that nobody works on, checks their input, runs their lines, writes
 * their files; several at a time, any number of controls beside each other. All that a control knows of a
 * batch lies in the database, so that one that dies leaves nothing but a claim that runs out.
 */
import { randomBytes } from 'node:crypto';
import { transaction } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { BatchRun, CLAIM_MS, type RunDeps } from './batch-run.ts';
import {
  type Claimed,
  beginBatch,
  beginFinalizing,
  claimBatches,
  failBatch,
  lockClaim,
  releaseClaim,
  renewClaim,
} from './batch-store.ts';
import { type StoredBatch, isOver } from './batch.ts';
import { foldCosts } from './costs.ts';
import { deleteLines, deleteOldLines, insertLines } from './line-store.ts';
import { writeOutput } from './output.ts';
import { validateInput } from './validate.ts';
import { wrong } from './line.ts';

export type RunnerDeps = RunDeps & Readonly<{ objects: ObjectStore }>;

export type Runner = Readonly<{
  /** Looks for work now rather than at the next tick. */
  wake: () => void;
  /** Calls under way are cut; whoever starts next goes on. */
  stop: () => Promise<void>;
}>;

const TICK_MS = 1_000;
/** Each holds open at most 64 calls. */
const RUNS_MAX = 16;
const RUNS_PER_TENANT_MAX = 4;
const COSTS_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;
/** Lines are kept as long as results are. */
const LINES_KEPT_MS = 30 * 24 * 60 * 60_000;
const OLD_BATCHES_PER_SWEEP = 20;

export function startRunner(deps: RunnerDeps): Runner {
  const runner = new BatchRunner(deps);
  const ended = runner.run();
  return {
    wake: () => runner.wake(),
    stop: async () => {
      runner.stop();
      await ended;
    },
  };
}

class BatchRunner {
  readonly #deps: RunnerDeps;
  readonly #runs = new Map<BatchRun, Promise<void>>();
  #isStopped = false;
  #news = Promise.withResolvers<void>();
  #costsMs = Number.NEGATIVE_INFINITY;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
  }

  wake(): void {
    this.#news.resolve();
  }

  stop(): void {
    this.#isStopped = true;
    for (const run of this.#runs.keys()) run.stop();
    this.#news.resolve();
  }

  async run(): Promise<void> {
    const { log } = this.#deps;
    while (!this.#isStopped) {
      this.#news = Promise.withResolvers();
      try {
        await this.#claim();
        await this.#fold();
        await this.#sweep();
      } catch (error) {
        // The database is away; it is asked again at the next tick.
        log.warn('batches.tick_failed', { error });
      }
      const timer = setTimeout(this.#news.resolve, TICK_MS);
      await this.#news.promise;
      clearTimeout(timer);
    }
    await Promise.all(this.#runs.values());
  }

  async #claim(): Promise<void> {
    const { database, clock } = this.#deps;
    const limit = RUNS_MAX - this.#runs.size;
    if (limit <= 0 || this.#isStopped) return;
    const nowMs = clock.nowMs();
    // New with each batch and each time, so that no stale run is ever taken for the living one.
    const claim = randomBytes(12).toString('hex');
    const batches = await claimBatches(database, {
      claim,
      now: new Date(nowMs),
      until: new Date(nowMs + CLAIM_MS),
      limit,
      perTenantMax: RUNS_PER_TENANT_MAX,
    });
    for (const batch of batches) {
      const run = new BatchRun(this.#deps, batch, claim);
      const ended = this.#work(run, batch, { tenantId: batch.tenantId, id: batch.id, claim });
      this.#runs.set(run, ended);
      void ended.finally(() => {
        this.#runs.delete(run);
        this.wake();
      });
    }
  }

  /** Never rejects: a batch that breaks is left to the next claim. */
  async #work(run: BatchRun, claimed: StoredBatch, claim: Claimed): Promise<void> {
    const { database, log, tenancy, clock } = this.#deps;
    try {
      let batch: StoredBatch | null = claimed;
      while (batch !== null && !isOver(batch.status) && !this.#isStopped) {
        if (batch.inProgressAt === null) await this.#validate(batch, claim);
        else if (batch.status === 'finalizing') await writeOutput(this.#deps, batch, claim);
        else if (!(await run.execute())) break;
        batch = await renewClaim(database, claim, new Date(clock.nowMs() + CLAIM_MS));
      }
      if (batch === null || isOver(batch.status)) await tenancy.endDelegation(claim.id);
      await releaseClaim(database, claim);
    } catch (error) {
      log.error('batch.broke', { batchId: claim.id, error });
    }
  }

  async #validate(batch: StoredBatch, claim: Claimed): Promise<void> {
    const { database, files, clock } = this.#deps;
    const now = (): Date => new Date(clock.nowMs());
    if (batch.status === 'cancelling') {
      // Nothing of it was looked at, so there is nothing to write either.
      const plan = { endsAs: 'cancelled', outputFileId: null, errorFileId: null } as const;
      await beginFinalizing(database, claim, { ...plan, now: now() });
      await writeOutput(this.#deps, { ...batch, ...plan }, claim);
      return;
    }
    await deleteLines(database, claim);
    const file = await files.find(batch, batch.inputFileId).catch(() => null);
    const result =
      file === null
        ? unreadable()
        : await validateInput(await files.read(file), batch.endpoint, async (lines) => {
            await transaction(database, async (tx) => {
              if (!(await lockClaim(tx, claim))) throw new Error('another control has the batch');
              await insertLines(tx, claim, lines);
            });
            await renewClaim(database, claim, new Date(clock.nowMs() + CLAIM_MS));
          });
    await transaction(database, async (tx) => {
      if (!(await lockClaim(tx, claim))) return;
      if (result.kind === 'invalid') {
        await deleteLines(tx, claim);
        await failBatch(tx, claim, { errors: result.errors, now: now() });
        return;
      }
      const { lines: linesTotal, modelName } = result;
      await beginBatch(tx, claim, { linesTotal, modelName, now: now() });
    });
  }

  async #fold(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#costsMs < COSTS_EVERY_MS) return;
    this.#costsMs = nowMs;
    await foldCosts(this.#deps);
  }

  async #sweep(): Promise<void> {
    const { clock, database, files } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    await files.sweep();
    const before = new Date(clock.nowMs() - LINES_KEPT_MS);
    await deleteOldLines(database, before, OLD_BATCHES_PER_SWEEP);
  }
}

function unreadable() {
  const message = 'The input file is gone.';
  return { kind: 'invalid', errors: [wrong('file_not_found', message, null)] } as const;
}
