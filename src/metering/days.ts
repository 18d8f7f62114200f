/**
 * Keeps the days that usage is partitioned by: makes partitions ahead of time and on demand, and knows
 * between which hours the events of a day count, so that readers look through those days only. What is
 * known here only ever grows, so that a process may remember it.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { type DaySpan, makeDay, selectMadeDays, widenDays } from './day-store.ts';
import { dayStart, hourOf } from './fold.ts';
import { dayOf, requestDay } from './request-day.ts';
import type { PostedEvent } from './store.ts';
import type { SettledRecord } from './usage-event.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Made before they are needed, so that a control that is down over a long holiday costs nothing. */
const DAYS_AHEAD = 7;

/**
 * Days that get partitions of their own. What is older or further ahead was dated by a broken clock and
 * stays together, in the partition for the rest: nobody can make us create thousands of tables.
 */
const DAYS_BACK_MAX = 400;

/** For the moment in which a partition is attached; a shipment is not kept waiting for longer. */
const LOCK_TIMEOUT_MS = 2_000;

export type Days = Readonly<{
  /** Makes what is missing of today and the week ahead. */
  makeAhead: () => Promise<void>;
  /** Makes what is missing for these records. Never fails for it: what has no partition goes to the rest. */
  makeFor: (records: readonly SettledRecord[]) => Promise<void>;
  /**
   * Notes, in the transaction that records these events, when they count. Call the answer once that
   * transaction has committed.
   */
  note: (tx: Database, events: readonly PostedEvent[]) => Promise<() => void>;
}>;

export function createDays(parts: Readonly<{ database: Database; clock: Clock; log: Log }>): Days {
  const { clock } = parts;
  const made = new Set<string>();
  const noted = new Map<string, DaySpan>();
  const make = (days: readonly string[]) => makeMissing(parts, made, days);
  return {
    makeAhead: () => {
      const todayMs = dayStart(clock.nowMs());
      return make(
        Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => dayOf(todayMs + ahead * DAY_MS)),
      );
    },
    makeFor: async (records) => {
      const nowMs = clock.nowMs();
      const first = dayOf(nowMs - DAYS_BACK_MAX * DAY_MS);
      const last = dayOf(nowMs + DAYS_AHEAD * DAY_MS);
      const wanted = [...new Set(records.map(requestDay))].filter(
        (day) => !made.has(day) && day >= first && day <= last,
      );
      await make(wanted);
    },
    note: async (tx, events) => {
      const wider = spansOf(events).filter(({ day, firstMs, lastMs }) => {
        const known = noted.get(day);
        return known === undefined || firstMs < known.firstMs || lastMs > known.lastMs;
      });
      if (wider.length > 0) await widenDays(tx, wider);
      return () => {
        for (const span of wider) noted.set(span.day, joined(span, noted.get(span.day)));
      };
    },
  };
}

async function makeMissing(
  { database, log }: Readonly<{ database: Database; log: Log }>,
  made: Set<string>,
  days: readonly string[],
): Promise<void> {
  if (days.every((day) => made.has(day))) return;
  for (const day of await selectMadeDays(database, days)) made.add(day);
  for (const day of days.filter((each) => !made.has(each)).toSorted()) {
    try {
      await transaction(database, (tx) => makeDay(tx, day, LOCK_TIMEOUT_MS));
      made.add(day);
    } catch (error) {
      log.warn('usage.day_not_made', { day, code: codeOf(error) });
      return;
    }
  }
}

/** In whole hours, so that a day is noted anew once an hour and not with every shipment. */
function spansOf(events: readonly PostedEvent[]): readonly DaySpan[] {
  const spans = new Map<string, { day: string; firstMs: number; lastMs: number }>();
  for (const { record, billedAtMs } of events) {
    const day = requestDay(record);
    let span = spans.get(day);
    if (span === undefined) {
      span = { day, firstMs: Infinity, lastMs: -Infinity };
      spans.set(day, span);
    }
    span.firstMs = Math.min(span.firstMs, record.settledAtMs);
    span.lastMs = Math.max(span.lastMs, billedAtMs);
  }
  return [...spans.values()].map(({ day, firstMs, lastMs }) => {
    return { day, firstMs: hourOf(firstMs), lastMs: hourOf(lastMs) + HOUR_MS };
  });
}

function joined(span: DaySpan, other: DaySpan | undefined): DaySpan {
  if (other === undefined) return span;
  return {
    day: span.day,
    firstMs: Math.min(span.firstMs, other.firstMs),
    lastMs: Math.max(span.lastMs, other.lastMs),
  };
}
