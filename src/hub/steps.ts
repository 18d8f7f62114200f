/** What the hub does by itself: it goes on with imports, cuts files, reads what it keeps, sweeps what a crash left. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { sweepBlobs } from './blobs.ts';
import type { Chunking } from './chunking.ts';
import type { Imports } from './imports.ts';
import type { Uploads } from './repositories/uploads.ts';
import { sweepStages } from './stages.ts';
import type { Verify } from './verify/verify.ts';

type Parts = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  imports: Imports;
  chunking: Chunking | null;
  verify: Verify;
  uploads: Uploads;
}>;

/** `stop` returns when none of them runs any more. */
export function createSteps(parts: Parts): Readonly<{ start(): void; stop(): Promise<void> }> {
  const { imports, chunking, verify } = parts;
  let scrubbing: ReturnType<Verify['start']> | null = null;
  let sweeping: Promise<void> = Promise.resolve();
  return {
    start: () => {
      imports.start();
      chunking?.start();
      scrubbing = verify.start();
      sweeping = sweep(parts);
    },
    stop: async () => {
      await imports.stop();
      await chunking?.stop();
      await scrubbing?.stop();
      await sweeping;
    },
  };
}

async function sweep({ uploads, clock, log, ...stores }: Parts): Promise<void> {
  const options = { nowMs: clock.nowMs(), log };
  try {
    await uploads.sweep();
    await sweepStages(stores, options);
    await sweepBlobs(stores, options);
  } catch (error) {
    log.warn('hub.sweep_failed', { error });
  }
}
