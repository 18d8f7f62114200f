/**
 * How long single calls are kept. Everything is kept unless the operator sets a number of days; then a day
 * is dropped once every tenant's books are closed over it and its calls were proved against what was
 * posted and summed. Sums by the quarter, hour and day stay, and so does what the ledger's proof needs.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { DaySpan } from './day-store.ts';
import { verifyFolds } from './fold-verify.ts';
import { NOTHING_CLOSED, type Periods } from './periods.ts';
import { dayOf } from './request-day.ts';
import {
  archiveDay,
  dropDay,
  selectEndedDays,
  selectTenantsOf,
  selectWrongEntriesOfDay,
} from './retention-store.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Dropping waits for readers of all days for a moment only; the next run tries again. */
const LOCK_TIMEOUT_MS = 2_000;

export type RetentionParts = Readonly<{
  database: Database;
  periods?: Periods;
  /** Days of single calls; null keeps them all. */
  keepDays: number | null;
  clock: Clock;
  log: Log;
}>;

/** Drops what may be dropped and returns those days. */
export async function dropOldDays(parts: RetentionParts): Promise<readonly string[]> {
  const { database, keepDays, clock, log } = parts;
  if (keepDays === null) return [];
  const before = dayOf(clock.nowMs() - keepDays * DAY_MS);
  const dropped: string[] = [];
  for (const span of await selectEndedDays(database, before)) {
    const reason = await reasonToKeep(parts, span);
    if (reason !== null) {
      log.info('usage.day_kept', { day: span.day, reason });
      continue;
    }
    await transaction(database, async (tx) => {
      await archiveDay(tx, span.day);
      await dropDay(tx, { day: span.day, nowMs: clock.nowMs(), lockTimeoutMs: LOCK_TIMEOUT_MS });
    });
    log.info('usage.day_dropped', { day: span.day });
    dropped.push(span.day);
  }
  return dropped;
}

async function reasonToKeep(
  { database, periods = NOTHING_CLOSED }: RetentionParts,
  span: DaySpan,
): Promise<string | null> {
  const tenantIds = await selectTenantsOf(database, span.day);
  const closed = await transaction(database, (tx) => periods.closedUntil(tx, tenantIds));
  const open = tenantIds.find((id) => (closed.get(id) ?? 0) < span.lastMs);
  if (open !== undefined) return 'a tenant has not closed it';
  if ((await selectWrongEntriesOfDay(database, span.day)) > 0) return 'its entries are wrong';
  const { firstMs: fromMs, lastMs: toMs } = span;
  const findings = await verifyFolds(database, { fromMs, toMs });
  return findings.length > 0 ? 'its sums are wrong' : null;
}
