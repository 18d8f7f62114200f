/**
 * What came whole is kept in chunks in the end, whoever sent it and how: one file at a time is claimed, cut,
 * rebuilt and compared, and then its object is dropped. The queue is the blobs themselves, so nothing that
 * is stored can be forgotten; several controls share it, and a claim that nobody renews is free again.
 * Readers do not notice: `bytes.ts` goes on in the other form.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#platform/clock.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { blobKey } from './blobs.ts';
import type { ChunkedBytes } from './bytes.ts';
import { failHub } from './errors.ts';

export type ChunkingOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  chunked: ChunkedBytes;
}>;

export interface Chunking {
  /** Cuts one file; false when none is due. */
  step(signal?: AbortSignal): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Smaller files stay whole: each would be a xorb of its own, and of what people send less than one byte in a
 * hundred lies in them.
 */
export const CHUNKED_BYTES_MIN = 1024 * 1024;
/** See `CUT_FILE_BYTES_MAX` of xet: the list of a file's chunks is held in memory. */
const CHUNKED_BYTES_MAX = 64 * 1024 ** 3;
/** The rest of an upload goes first. */
const QUIET_MS = 30_000;
const CLAIM_MS = 10 * 60_000;
const RENEW_MS = 60_000;
const IDLE_MS = 5_000;
const FAILURES_MAX = 8;
const RETRY_MS = 60_000;

type Claim = Readonly<{ sha256: string; sizeBytes: number; failures: number; id: string }>;

export function createChunking(options: ChunkingOptions): Chunking {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const step = async (signal: AbortSignal = stopping.signal): Promise<boolean> => {
    const claim = await takeClaim(options);
    if (claim === null) return false;
    const renewal = setInterval(() => {
      renewClaim(options, claim).catch((error: unknown) =>
        options.log.warn('hub.chunking_renewal_failed', { error }),
      );
    }, RENEW_MS).unref();
    try {
      await chunk(options, claim, signal);
    } catch (error) {
      if (!signal.aborted) options.log.warn('hub.chunking_failed', { sha256: claim.sha256, error });
      await giveBack(options, claim, signal.aborted);
    } finally {
      clearInterval(renewal);
    }
    return true;
  };
  const loop = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const isDone = await step(signal).catch((error: unknown) => {
        options.log.warn('hub.chunking_failed', { error });
        return false;
      });
      if (isDone) continue;
      await delay(IDLE_MS, undefined, { signal, ref: false }).catch(() => {
        // Woken to stop; the loop looks why.
      });
    }
  };
  return {
    step,
    start: () => {
      running = loop();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function chunk(options: ChunkingOptions, claim: Claim, signal: AbortSignal): Promise<void> {
  const { database, objects, chunked } = options;
  const { sha256, sizeBytes } = claim;
  if (!(await transaction(database, (tx) => chunked.holds(tx, sha256)))) {
    const tenantId = await selectOwner(database, sha256);
    // Nobody's yet, or no longer: whoever makes it theirs puts it into the queue again.
    if (tenantId === null) return endClaim(options, claim);
    await chunked.cut(
      tenantId,
      {
        sha256,
        sizeBytes,
        read: async () => {
          const bytes = await objects.read(blobKey(sha256));
          if (bytes === null) throw failHub('blob.unknown', `There is no blob ${sha256}.`);
          return bytes;
        },
      },
      signal,
    );
  }
  await dropWhole(options, claim);
}

/** The blob is locked: nobody takes it away, or brings it again, between the look and the removal. */
async function dropWhole(
  { database, objects, chunked }: ChunkingOptions,
  { sha256 }: Claim,
): Promise<void> {
  await transaction(database, async (tx) => {
    const { rows } = await sql`
      select 1 from blobs where sha256 = decode(${sha256}, 'hex') for update`.execute(tx);
    if (rows.length === 0) return;
    const isHeld = await chunked.holds(tx, sha256);
    if (isHeld) await objects.remove(blobKey(sha256));
    await sql`
      update blobs set chunk_claim = null, chunk_failures = 0,
        chunk_at = case when ${isHeld} then null else now() end
      where sha256 = decode(${sha256}, 'hex')`.execute(tx);
  });
}

async function takeClaim({ database, clock }: ChunkingOptions): Promise<Claim | null> {
  const now = clock.nowMs();
  const due = new Date(now - QUIET_MS);
  await sql`
    update blobs set chunk_at = null
    where chunk_at <= ${due}
      and (size_bytes < ${CHUNKED_BYTES_MIN} or size_bytes > ${CHUNKED_BYTES_MAX})`.execute(
    database,
  );
  const id = randomUUID();
  const { rows } = await sql<Omit<Claim, 'id'>>`
    update blobs set chunk_claim = ${id}, chunk_at = ${new Date(now + CLAIM_MS)}
    where sha256 = (
      select sha256 from blobs
      where chunk_at <= ${due}
        and size_bytes between ${CHUNKED_BYTES_MIN} and ${CHUNKED_BYTES_MAX}
      order by chunk_at limit 1 for update skip locked)
    returning encode(sha256, 'hex') as sha256, size_bytes as "sizeBytes",
      chunk_failures as failures`.execute(database);
  const [row] = rows;
  return row === undefined ? null : { ...row, id };
}

async function renewClaim({ database, clock }: ChunkingOptions, claim: Claim): Promise<void> {
  await sql`
    update blobs set chunk_at = ${new Date(clock.nowMs() + CLAIM_MS)}
    where sha256 = decode(${claim.sha256}, 'hex') and chunk_claim = ${claim.id}`.execute(database);
}

async function endClaim({ database }: ChunkingOptions, claim: Claim): Promise<void> {
  await sql`
    update blobs set chunk_at = null, chunk_claim = null
    where sha256 = decode(${claim.sha256}, 'hex') and chunk_claim = ${claim.id}`.execute(database);
}

/** Tried again later and later; in the end the file stays whole, which is no worse than it was. */
async function giveBack(
  { database, clock, log }: ChunkingOptions,
  claim: Claim,
  isStopping: boolean,
): Promise<void> {
  const failures = claim.failures + (isStopping ? 0 : 1);
  const waitMs = isStopping ? 0 : RETRY_MS * 2 ** failures;
  const next = failures >= FAILURES_MAX ? null : new Date(clock.nowMs() + waitMs);
  await sql`
    update blobs set chunk_claim = null, chunk_failures = ${failures}, chunk_at = ${next}
    where sha256 = decode(${claim.sha256}, 'hex') and chunk_claim = ${claim.id}`
    .execute(database)
    .catch((error: unknown) => log.warn('hub.chunking_failed', { code: codeOf(error) }));
}

/** Whose chunks it may share: a tenant that has this file. */
async function selectOwner(database: Database, sha256: string): Promise<string | null> {
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from (
      select tenant_id from files where blob_sha256 = decode(${sha256}, 'hex')
      union select tenant_id from uploads where sha256 = decode(${sha256}, 'hex')) as owners
    order by tenant_id limit 1`.execute(database);
  return rows[0]?.tenantId ?? null;
}
