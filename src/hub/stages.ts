/** Staged bytes of imports: thrown away with their import, and swept when nobody will come for them. */
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { selectRunningImportIds } from './import-store.ts';

/** Stages of no import (bundled models) are written within minutes or never. */
const FOREIGN_AGE_MS = 60 * 60 * 1000;

export async function discardStagesOf(objects: ObjectStore, importId: string): Promise<void> {
  for (const { key } of await objects.listStages()) {
    if (key.startsWith(`${importId}-`)) await objects.discardStage(key);
  }
}

/** Discards the stages of imports that have ended. */
export async function sweepStages(
  { database, objects }: Readonly<{ database: Database; objects: ObjectStore }>,
  options: Readonly<{ nowMs: number; log: Log }>,
): Promise<void> {
  // Listed before the imports are: a stage is made after its import's row.
  const stages = await objects.listStages();
  const running = await selectRunningImportIds(database);
  let removed = 0;
  for (const { key, modifiedAtMs } of stages) {
    const importId = key.slice(0, key.lastIndexOf('-'));
    const isImport = importId.startsWith('imp_');
    const isStale = modifiedAtMs < options.nowMs - FOREIGN_AGE_MS;
    if (isImport ? running.has(importId) : !isStale) continue;
    await objects.discardStage(key);
    removed += 1;
  }
  if (removed > 0) options.log.info('stages.swept', { removed });
}
