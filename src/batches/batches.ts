/**
 * Files and batches: what callers upload, and calls that are made later for half the price. A batch acts as
 * the key that made it and calls the gateway's own front door, so that admission, limits, metering and the
 * ledger hold for it as for anyone. Promises: each line of the input is answered once in the output and
 * billed at most once, whatever dies in the middle; nothing of it is seen outside its project.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import type { Metering } from '#metering/metering.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';
import { type BatchCreate, batchCreateSchema } from './api.ts';
import {
  countOpenBatches,
  insertBatch,
  markCancelling,
  selectBatch,
  selectBatches,
} from './batch-store.ts';
import { type StoredBatch, WINDOW_MS } from './batch.ts';
import { fail } from './errors.ts';
import { parseExpiry } from './file.ts';
import { type Place, lockProject, selectFile } from './file-store.ts';
import { type Files, createFiles } from './files.ts';
import { createLineCaller } from './line-call.ts';
import { type Runner, startRunner } from './runner.ts';

export type BatchesParts = Readonly<{
  database: Database;
  objects: ObjectStore;
  tenancy: Pick<Tenancy, 'delegate' | 'endDelegation'>;
  metering: Pick<Metering, 'charges'>;
  /** Where the front door is, as control reaches it. */
  gatewayUrl: string;
  clock: Clock;
  log: Log;
}>;

export type Caller = Place & Readonly<{ keyId: string }>;

export type Batches = Readonly<{
  files: Files;
  /** Raises `batch_input_invalid`, `batch_too_many` or `file_expiry_invalid`. */
  create: (caller: Caller, wish: BatchCreate) => Promise<StoredBatch>;
  /** Newest first. */
  list: (
    place: Place,
    page: Readonly<{ after: string | null; limit: number }>,
  ) => Promise<readonly StoredBatch[]>;
  /** Raises `batch_not_found`. */
  find: (place: Place, id: string) => Promise<StoredBatch>;
  /** Raises `batch_not_found` or `batch_not_cancellable`. */
  cancel: (place: Place, id: string) => Promise<StoredBatch>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

/** More at a time is a program gone wild; finished ones do not count. */
const OPEN_BATCHES_MAX = 100;

export function createBatches(parts: BatchesParts): Batches {
  const { database, clock } = parts;
  const files = createFiles(parts);
  let runner: Runner | null = null;

  const find = async (place: Place, id: string): Promise<StoredBatch> => {
    const batch = await selectBatch(database, place, id);
    if (batch === null) throw fail('batch_not_found', `There is no batch ${id}.`);
    return batch;
  };

  return {
    files,
    create: async (caller, input) => {
      const batch = await create(parts, caller, input);
      runner?.wake();
      return batch;
    },
    list: (place, page) => selectBatches(database, place, page),
    find,
    cancel: async (place, id) => {
      await markCancelling(database, { ...place, id, now: new Date(clock.nowMs()) });
      const batch = await find(place, id);
      if (batch.status === 'cancelling' || batch.status === 'cancelled') return batch;
      throw fail('batch_not_cancellable', `A batch that is ${batch.status} cannot be cancelled.`);
    },
    start: () => {
      const caller = createLineCaller(parts.gatewayUrl);
      const running = startRunner({ ...parts, files, caller, random: Math.random });
      runner = running;
      return {
        stop: async () => {
          runner = null;
          await running.stop();
          await caller.stop();
        },
      };
    },
  };
}

async function create(
  { database, clock }: BatchesParts,
  caller: Caller,
  input: BatchCreate,
): Promise<StoredBatch> {
  const wish = batchCreateSchema.parse(input);
  const after = wish.output_expires_after ?? null;
  const outputExpiresAfterSeconds =
    after === null ? null : parseExpiry({ anchor: after.anchor, seconds: after.seconds });
  const nowMs = clock.nowMs();
  return transaction(database, async (tx) => {
    await lockProject(tx, caller);
    const file = await selectFile(tx, caller, wish.input_file_id);
    if (file?.purpose !== 'batch') {
      throw fail('batch_input_invalid', 'input_file_id should be a file of the purpose batch.', {
        param: 'input_file_id',
      });
    }
    if ((await countOpenBatches(tx, caller)) >= OPEN_BATCHES_MAX) {
      throw fail('batch_too_many', `A project runs at most ${OPEN_BATCHES_MAX} batches at a time.`);
    }
    return insertBatch(tx, {
      tenantId: caller.tenantId,
      projectId: caller.projectId,
      keyId: caller.keyId,
      id: createId('batch', nowMs),
      endpoint: wish.endpoint,
      inputFileId: wish.input_file_id,
      metadata: wish.metadata ?? null,
      outputExpiresAfterSeconds,
      createdAt: new Date(nowMs),
      expiresAt: new Date(nowMs + WINDOW_MS),
    });
  });
}
