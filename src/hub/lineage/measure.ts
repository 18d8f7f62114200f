/**
 * Measures how many bytes of a derivative its base has too: whole files that are the same, and chunks that both are
 * made of. Again whenever one of the two has a new revision; not before what came is cut into chunks.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, sql } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';

/** Bytes of the first files in chunks that the second ones have; null where that cannot be said. */
export type SharedBytes = (
  of: readonly string[],
  base: readonly string[],
) => Promise<number | null>;

export type MeasureOptions = Readonly<{
  database: Database;
  log: Log;
  sharedBytes: SharedBytes | undefined;
}>;

export interface LineageMeasure {
  /** Measures one pair; false when none is due. */
  step(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

const IDLE_MS = 20_000;

type Pair = Readonly<{
  modelId: string;
  baseModelId: string;
  revisionId: string;
  baseRevisionId: string;
}>;

export function createLineageMeasure(options: MeasureOptions): LineageMeasure {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const step = async (): Promise<boolean> => {
    const pair = await selectDue(options.database);
    if (pair === null) return false;
    await measure(options, pair);
    return true;
  };
  const loop = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const isDone = await step().catch((error: unknown) => {
        options.log.warn('hub.lineage_failed', { error });
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

/** A pair whose files are all in the form that they stay in. */
async function selectDue(database: Database): Promise<Pair | null> {
  const { rows } = await sql<Pair>`
    select l.model_id as "modelId", l.base_model_id as "baseModelId",
      m.latest_revision_id as "revisionId", b.latest_revision_id as "baseRevisionId"
    from lineage l
    join models m on m.id = l.model_id and m.removed_at is null
    join models b on b.id = l.base_model_id and b.removed_at is null
    left join lineage_shared s on s.model_id = l.model_id and s.base_model_id = l.base_model_id
    where m.latest_revision_id is not null and b.latest_revision_id is not null
      and (s.revision_id, s.base_revision_id)
        is distinct from (m.latest_revision_id, b.latest_revision_id)
      and not exists (
        select 1 from files f join blobs o on o.sha256 = f.blob_sha256
        where (f.model_id, f.revision_id) in ((m.id, m.latest_revision_id), (b.id, b.latest_revision_id))
          and o.chunk_at is not null)
    order by s.measured_at nulls first, l.model_id limit 1`.execute(database);
  return rows[0] ?? null;
}

async function measure({ database, sharedBytes }: MeasureOptions, pair: Pair): Promise<void> {
  const [own, base] = [
    await filesOf(database, pair.modelId, pair.revisionId),
    await filesOf(database, pair.baseModelId, pair.baseRevisionId),
  ];
  const totalBytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const inBase = new Set(base.map(({ sha256 }) => sha256));
  const same = own.filter(({ sha256 }) => inBase.has(sha256));
  const sameBytes = same.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const others = own.filter(({ sha256 }) => !inBase.has(sha256)).map(({ sha256 }) => sha256);
  const inChunks = (await sharedBytes?.(others, [...inBase])) ?? 0;
  const shared = Math.min(totalBytes, sameBytes + inChunks);
  await sql`
    insert into lineage_shared
      (model_id, base_model_id, revision_id, base_revision_id, shared_bytes, total_bytes)
    values (${pair.modelId}, ${pair.baseModelId}, ${pair.revisionId}, ${pair.baseRevisionId},
      ${shared}, ${totalBytes})
    on conflict (model_id, base_model_id) do update set revision_id = excluded.revision_id,
      base_revision_id = excluded.base_revision_id, shared_bytes = excluded.shared_bytes,
      total_bytes = excluded.total_bytes, measured_at = now()`.execute(database);
}

/** Configurations, cards and licences are alike everywhere and say nothing. */
const MEASURED_BYTES_MIN = 64 * 1024;

/** Every different file of a revision that holds more than settings. */
async function filesOf(database: Database, modelId: string, revisionId: string) {
  const { rows } = await sql<{ sha256: string; sizeBytes: number }>`
    select distinct encode(blob_sha256, 'hex') as sha256, size_bytes as "sizeBytes" from files
    where model_id = ${modelId} and revision_id = ${revisionId}
      and size_bytes >= ${MEASURED_BYTES_MIN}`.execute(database);
  return rows;
}
