/** The day, week or month that a budget is for, by the clocks of its time zone. Pure. Weeks begin on Monday. */

export type PeriodUnit = 'day' | 'week' | 'month';
export type Span = Readonly<{ startMs: number; endMs: number }>;

export const HOUR_MS = 60 * 60_000;

export function spanOf(unit: PeriodUnit, nowMs: number, timeZone: string): Span {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const first = firstDay(unit, today);
  const next = first.add(LENGTH[unit]);
  return { startMs: startOf(first, timeZone), endMs: startOf(next, timeZone) };
}

const LENGTH = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 } } as const;

function firstDay(unit: PeriodUnit, today: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === 'day') return today;
  return unit === 'week' ? today.subtract({ days: today.dayOfWeek - 1 }) : today.with({ day: 1 });
}

/** Where midnight is skipped, the moment that follows. */
function startOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).toInstant().epochMilliseconds;
}

export function isTimeZone(name: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    // A RangeError is how the runtime says no.
    return false;
  }
}
