/** What the hub does by itself: it goes on with imports, cuts files, reads what it keeps, sweeps what a crash left. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { sweepBlobs } from './blobs.ts';
import type { ByteSources } from './bytes.ts';
import { backfillCatalogue } from './catalogue/backfill.ts';
import type { Chunking } from './chunking.ts';
import type { Downloads } from './downloads/downloads.ts';
import type { LineageMeasure } from './lineage/measure.ts';
import type { Imports } from './imports.ts';
import type { Uploads } from './repositories/uploads.ts';
import { sweepStages } from './stages.ts';
import type { Verify } from './verify/verify.ts';

type Parts = ByteSources &
  Readonly<{
    database: Database;
    clock: Clock;
    log: Log;
    imports: Imports;
    chunking: Chunking | null;
    verify: Verify;
    uploads: Uploads;
    downloads: Downloads;
    lineage: LineageMeasure;
  }>;

/** `stop` returns when none of them runs any more. */
export function createSteps(parts: Parts): Readonly<{ start(): void; stop(): Promise<void> }> {
  const { imports, chunking, verify, downloads, lineage } = parts;
  let scrubbing: ReturnType<Verify['start']> | null = null;
  let sweeping: Promise<unknown> = Promise.resolve();
  return {
    start: () => {
      imports.start();
      chunking?.start();
      downloads.start();
      lineage.start();
      scrubbing = verify.start();
      sweeping = Promise.all([sweep(parts), fillCatalogue(parts)]);
    },
    stop: async () => {
      await imports.stop();
      await chunking?.stop();
      await downloads.stop();
      await lineage.stop();
      await scrubbing?.stop();
      await sweeping;
    },
  };
}

/** Lists find by their cards what was there before there was a catalogue. */
async function fillCatalogue(parts: Parts): Promise<void> {
  try {
    await backfillCatalogue(parts);
  } catch (error) {
    parts.log.warn('hub.catalogue_failed', { error });
  }
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
