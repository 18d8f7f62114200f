/**
 * One batch at work under one claim. A single loop writes down what came back, renews the claim, and sends
 * what may be sent; a line is marked as sent before it is. So whatever dies, the next claim knows which
 * lines are untouched, which are done, and of which nobody knows; those wait for what the books say.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Metering } from '#metering/metering.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';
import { type Claimed, beginFinalizing, lockClaim, renewClaim } from './batch-store.ts';
import { type BatchEnd, type StoredBatch, lineRequestId } from './batch.ts';
import { createId } from '#platform/id.ts';
import type { StoredFile } from './file.ts';
import type { Files } from './files.ts';
import { type Returned, writeReturned } from './line-results.ts';
import { countLines, markUnsure, type TakenLine, takeLines } from './line-store.ts';
import { isLine, parseLine } from './line.ts';
import type { LineCaller } from './line-call.ts';
import { type Pace, START, afterAnswer, afterBusy } from './pace.ts';
import { resolveLines } from './unsure-lines.ts';
import { judge } from './verdict.ts';

export type RunDeps = Readonly<{
  database: Database;
  files: Files;
  tenancy: Pick<Tenancy, 'delegate' | 'endDelegation'>;
  metering: Pick<Metering, 'charges'>;
  caller: LineCaller;
  clock: Clock;
  log: Log;
  random: () => number;
}>;

/** Others take over this long after the last sign of life. */
export const CLAIM_MS = 5_000;
const RENEW_MS = 1_000;
const TICK_MS = 250;
/** Calls under way when a batch is cancelled or its window ends may still come back. */
const DRAIN_MS = 2_000;
/** The credential outlives the window by what is left to bring in. */
const CREDENTIAL_SPARE_MS = 60 * 60_000;

export class BatchRun {
  readonly #deps: RunDeps;
  readonly #claim: Claimed;
  readonly #stopping = new AbortController();
  readonly #cutting = new AbortController();
  readonly #flying = new Set<number>();
  #batch: StoredBatch;
  #returned: Returned[] = [];
  #news = Promise.withResolvers<void>();
  #pace: Pace = START;
  #input: StoredFile | null = null;
  #secret = '';
  #renewedMs = Number.NEGATIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #reachableSinceMs: number | null = null;
  #endsSinceMs: number | null = null;

  constructor(deps: RunDeps, batch: StoredBatch, claim: string) {
    this.#deps = deps;
    this.#batch = batch;
    this.#claim = { tenantId: batch.tenantId, id: batch.id, claim };
  }

  /** Control stops: calls are cut, and whoever comes next goes on. */
  stop(): void {
    this.#stopping.abort();
    this.#cutting.abort();
    this.#news.resolve();
  }

  /** True once every line has its end and only the files are left; false when the claim is lost or control stops. */
  async execute(): Promise<boolean> {
    const { database, tenancy, clock } = this.#deps;
    const { tenantId, keyId, expiresAt } = this.#batch;
    await markUnsure(database, this.#claim, new Date(clock.nowMs()));
    this.#secret = await tenancy.delegate({
      subject: this.#claim.id,
      tenantId,
      keyId,
      expiresAtMs: expiresAt.getTime() + CREDENTIAL_SPARE_MS,
    });
    try {
      while (!this.#stopping.signal.aborted) {
        await this.#writeDown();
        if (!(await this.#renew())) return false;
        await this.#resolveUnsure();
        await this.#send();
        if (await this.#isThrough()) return true;
        await this.#pause();
      }
      await this.#settleFlights();
      return false;
    } finally {
      this.#cutting.abort();
    }
  }

  get #now(): Date {
    return new Date(this.#deps.clock.nowMs());
  }

  /** What came back, in one transaction, if the batch is still ours. */
  async #writeDown(): Promise<void> {
    const returned = this.#returned;
    if (returned.length === 0) return;
    this.#returned = [];
    await transaction(this.#deps.database, async (tx) => {
      if (!(await lockClaim(tx, this.#claim))) return;
      await writeReturned(tx, this.#claim, returned, this.#deps.clock.nowMs());
    });
    for (const { line } of returned) this.#flying.delete(line);
  }

  async #renew(): Promise<boolean> {
    const { database, clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#renewedMs < RENEW_MS) return true;
    this.#renewedMs = nowMs;
    const until = new Date(clock.nowMs() + CLAIM_MS);
    const batch = await renewClaim(database, this.#claim, until);
    if (batch === null) return false;
    this.#batch = batch;
    if (this.#end() !== 'completed') this.#endsSinceMs ??= nowMs;
    if (this.#endsSinceMs !== null && nowMs - this.#endsSinceMs >= DRAIN_MS) this.#cutting.abort();
    return true;
  }

  #end(): BatchEnd {
    if (this.#batch.status === 'cancelling') return 'cancelled';
    return this.#deps.clock.nowMs() >= this.#batch.expiresAt.getTime() ? 'expired' : 'completed';
  }

  async #resolveUnsure(): Promise<void> {
    const { clock, caller } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs < RENEW_MS) return;
    this.#lookedMs = nowMs;
    const unsure = await resolveLines(this.#deps, this.#claim, {
      reachableMs: this.#reachableSinceMs === null ? 0 : nowMs - this.#reachableSinceMs,
    });
    if (unsure === 0) return;
    // The books of a gateway that is away are away too: the wait for them begins when it is back.
    if (await caller.isReachable()) this.#reachableSinceMs ??= clock.monotonicMs();
    else this.#reachableSinceMs = null;
  }

  async #send(): Promise<void> {
    const limit = this.#pace.width - this.#flying.size;
    if (limit <= 0) return;
    const onlyCharged = this.#end() !== 'completed';
    const taken = await transaction(this.#deps.database, async (tx) => {
      if (!(await lockClaim(tx, this.#claim))) return [];
      return takeLines(tx, this.#claim, { now: this.#now, limit, onlyCharged });
    });
    for (const line of taken) {
      this.#flying.add(line.line);
      void this.#fly(line);
    }
  }

  /** Never rejects. */
  async #fly(taken: TakenLine): Promise<void> {
    const { caller, random, log } = this.#deps;
    const { line, failures, attempt, again } = taken;
    try {
      const body = await this.#bodyOf(taken);
      const end = await caller.call({
        path: this.#batch.endpoint,
        body,
        secret: this.#secret,
        requestId: lineRequestId(this.#claim.id, line),
        attempt,
        // A line that is paid for is brought in even while the batch ends.
        signal: this.#endsSinceMs === null ? this.#cutting.signal : this.#stopping.signal,
      });
      const verdict = judge(end, failures, random());
      if (verdict.kind === 'again' && verdict.isBusy) {
        this.#pace = afterBusy(this.#pace, this.#deps.clock.monotonicMs());
      } else if (verdict.kind === 'done') this.#pace = afterAnswer(this.#pace);
      this.#returned.push({ line, failures, again, verdict });
    } catch (error) {
      log.error('batch.line_unreadable', { batchId: this.#claim.id, line, error });
      const verdict = { kind: 'again', failures, pauseMs: RENEW_MS, isBusy: false } as const;
      this.#returned.push({ line, failures, again, verdict });
    }
    this.#news.resolve();
  }

  async #bodyOf({ line, startByte, sizeBytes }: TakenLine): Promise<string> {
    const { files } = this.#deps;
    const { inputFileId, endpoint } = this.#batch;
    const file = (this.#input ??= await files.find(this.#batch, inputFileId));
    const parts: Uint8Array[] = [];
    const range = { start: startByte, end: startByte + sizeBytes };
    for await (const part of await files.read(file, range)) parts.push(part);
    const parsed = parseLine(Buffer.concat(parts), line, endpoint);
    if (!isLine(parsed)) throw new Error(`line ${line} is not what it was when it was checked`);
    return parsed.body;
  }

  async #isThrough(): Promise<boolean> {
    if (this.#flying.size > 0) return false;
    const { database } = this.#deps;
    const { waiting, charged, open } = await countLines(database, this.#claim);
    const end = this.#end();
    if (open > 0 || (end === 'completed' ? waiting : charged) > 0) return false;
    return transaction(database, async (tx) => {
      if (!(await lockClaim(tx, this.#claim))) return false;
      const { linesTotal, linesCompleted } = this.#batch;
      // Counted anew: the batch in hand may be a second old.
      const fresh = await renewClaim(tx, this.#claim, new Date(this.#now.getTime() + CLAIM_MS));
      const completed = fresh?.linesCompleted ?? linesCompleted;
      await beginFinalizing(tx, this.#claim, {
        endsAs: end,
        outputFileId: completed > 0 ? createId('file') : null,
        errorFileId: completed < linesTotal ? createId('file') : null,
        now: this.#now,
      });
      return true;
    });
  }

  /** Until something came back, or a moment. */
  async #pause(): Promise<void> {
    if (this.#returned.length > 0) return;
    this.#news = Promise.withResolvers();
    const timer = setTimeout(this.#news.resolve, TICK_MS);
    await this.#news.promise;
    clearTimeout(timer);
  }

  /** Cut calls come back at once; what they say is written down for whoever goes on. */
  async #settleFlights(): Promise<void> {
    while (this.#flying.size > 0) {
      await this.#writeDown();
      if (this.#flying.size > 0) await this.#pause();
    }
  }
}
