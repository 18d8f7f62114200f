/**
 * Counts what is fetched. Requests are gathered in memory and written every few seconds, so that a download costs
 * no statement; what was not written when a process is killed is lost, and nothing else. A HEAD and a GET of one
 * client within minutes are one download, as is each Range of a file that is fetched in parts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import {
  type DayFigures,
  addCounts,
  forgetDownloaders,
  refreshFigures,
  selectDays,
} from './download-store.ts';
import { type Fetch, createTally } from './tally.ts';

export interface Downloads {
  count(fetch: Fetch): void;
  /** Writes what was counted since. */
  flush(): Promise<void>;
  /** Downloads of the last 30 days and what trends, into the catalogue. */
  refresh(): Promise<void>;
  /** The last days (UTC), today among them, the oldest first. */
  days(
    repository: Readonly<{ tenantId: string; id: string }>,
    count: number,
  ): Promise<readonly DayFigures[]>;
  start(): void;
  stop(): Promise<void>;
}

type Options = Readonly<{ database: Database; clock: Clock; log: Log }>;

const FLUSH_EVERY_MS = 10_000;
const REFRESH_EVERY_MS = 10 * 60_000;
/** A day may still be written a little after it ended. */
const HASHES_KEPT_MS = 2 * 86_400_000;

export function createDownloads({ database, clock, log }: Options): Downloads {
  const stopping = new AbortController();
  const tally = createTally(clock);
  let running: Promise<unknown> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const counts = tally.take();
    if (counts.length === 0) return;
    try {
      await transaction(database, (tx) => addCounts(tx, counts));
    } catch (error) {
      tally.giveBack(counts);
      throw error;
    }
  };
  const refresh = async (): Promise<void> => {
    await forgetDownloaders(database, new Date(clock.nowMs() - HASHES_KEPT_MS));
    await refreshFigures(database, new Date(clock.nowMs()));
  };
  const warned = (step: () => Promise<void>): Promise<void> =>
    step().catch((error: unknown) => log.warn('hub.downloads_failed', { error }));
  const every = async (periodMs: number, step: () => Promise<void>): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      await warned(step);
      await delay(periodMs, undefined, { signal }).catch(() => {
        // Woken to stop.
      });
    }
  };
  return {
    count: tally.add,
    flush,
    refresh,
    days: ({ tenantId, id }, count) =>
      selectDays(database, { tenantId, modelId: id }, { until: new Date(clock.nowMs()), count }),
    start: () => {
      running = Promise.all([every(FLUSH_EVERY_MS, flush), every(REFRESH_EVERY_MS, refresh)]);
    },
    stop: async () => {
      stopping.abort();
      await running;
      await warned(flush);
    },
  };
}
