/**
 * Where an import stands, written to its row a few times a second at most, and at least often enough
 * to keep its claim. Learns from the same write that somebody cancelled it.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { updateImportProgress } from '../import-store.ts';

export type ImportStage = 'waiting' | 'reading' | 'downloading' | 'checking' | 'storing';

export type Tracker = Readonly<{
  stage: (stage: ImportStage) => void;
  /** Bytes of the files that are done, and of the one at hand. */
  received: (bytes: number) => void;
  total: (bytes: number | null) => void;
  /** Writes what is left and ends. */
  stop: () => Promise<void>;
}>;

/** Four writes a second move a progress bar smoothly and cost the database nothing. */
const WRITE_INTERVAL_MS = 250;
/** A process that has not renewed for so long is dead; its imports are free to take. */
export const CLAIM_MS = 30_000;
const RENEW_AFTER_MS = 10_000;

export function startTracker(options: {
  database: Database;
  clock: Clock;
  log: Log;
  importId: string;
  onCancelled: () => void;
}): Tracker {
  const { database, clock, importId } = options;
  const now = { stage: 'waiting', receivedBytes: 0, totalBytes: null as number | null };
  let isDirty = true;
  let renewedAtMs = clock.nowMs();
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;

  async function write(): Promise<void> {
    isDirty = false;
    renewedAtMs = clock.nowMs();
    const claimedUntil = new Date(renewedAtMs + CLAIM_MS);
    try {
      const isRunning = await updateImportProgress(database, importId, { ...now, claimedUntil });
      if (!isRunning) options.onCancelled();
    } catch (error) {
      // The next tick tries again; if the database stays away, storing the model says so.
      isDirty = true;
      options.log.warn('import.progress_lost', { importId, error });
    }
  }

  function tick(): void {
    const isDue = isDirty || clock.nowMs() - renewedAtMs > RENEW_AFTER_MS;
    if (isWriting || !isDue) return;
    isWriting = true;
    writing = write().finally(() => {
      isWriting = false;
    });
  }

  const timer = setInterval(tick, WRITE_INTERVAL_MS);
  const change = (part: Partial<typeof now>): void => {
    Object.assign(now, part);
    isDirty = true;
  };
  return {
    stage: (stage) => change({ stage }),
    received: (receivedBytes) => change({ receivedBytes }),
    total: (totalBytes) => change({ totalBytes }),
    stop: async () => {
      clearInterval(timer);
      await writing;
    },
  };
}
