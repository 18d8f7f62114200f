/**
 * Billing periods: calendar months by a tenant's own clock, as half-open intervals of UTC. Pure. Bounds
 * come from the rules of the zone at that date and never from an offset that was stored, so months with a
 * change of the clock, and zones that skipped a day, are as long as they were there. A period begins
 * exactly where the one before it ended, whatever became of the zone since: nothing is billed twice, and
 * nothing falls between.
 */
export type Period = Readonly<{
  /** The month it is named after: `2026-11`. */
  label: string;
  timeZone: string;
  /** Included. */
  fromMs: number;
  /** Excluded. */
  toMs: number;
}>;

const LABEL = /^\d{4}-(?:0[1-9]|1[0-2])$/;

export function isPeriodLabel(text: string): boolean {
  return LABEL.test(text);
}

/** The month that clocks there show. */
export function labelAt(atMs: number, timeZone: string): string {
  return dateAt(atMs, timeZone).slice(0, 7);
}

/** The date that clocks there show, as `2026-11-30`. */
export function dateAt(atMs: number, timeZone: string): string {
  return zoned(atMs, timeZone).toPlainDate().toString();
}

export function nextLabel(label: string): string {
  return Temporal.PlainYearMonth.from(label).add({ months: 1 }).toString();
}

/** The first moment of the month there; where midnight is skipped, the moment that follows. */
export function monthStartMs(label: string, timeZone: string): number {
  return Temporal.PlainYearMonth.from(label)
    .toPlainDate({ day: 1 })
    .toZonedDateTime(timeZone)
    .toInstant().epochMilliseconds;
}

/** The first month of a tenant. */
export function firstPeriod(createdAtMs: number, timeZone: string): Period {
  const label = labelAt(createdAtMs, timeZone);
  const fromMs = monthStartMs(label, timeZone);
  return { label, timeZone, fromMs, toMs: monthStartMs(nextLabel(label), timeZone) };
}

/** The month after one that is closed, from where that ended. */
export function periodAfter(
  closed: Readonly<{ label: string; toMs: number }>,
  timeZone: string,
): Period {
  const label = nextLabel(closed.label);
  return {
    label,
    timeZone,
    fromMs: closed.toMs,
    toMs: monthStartMs(nextLabel(label), timeZone),
  };
}

/** When a period may be closed: usage that was on its way has had its time. */
export function closesAtMs(period: Pick<Period, 'toMs'>, graceHours: number): number {
  return period.toMs + graceHours * 60 * 60_000;
}

/** What is written on the invoice: the day after the period's last, by the tenant's clock. */
export function issueDate(period: Period): string {
  return dateAt(period.toMs, period.timeZone);
}

export function lastDate(period: Period): string {
  return dateAt(period.toMs - 1, period.timeZone);
}

export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** The end of that day there: until then a payment is in time. */
export function endOfDateMs(date: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(timeZone).toInstant()
    .epochMilliseconds;
}

/** The days of a period, each with its bounds, for charts. */
export function daysOf(
  period: Period,
): readonly Readonly<{ date: string; fromMs: number; toMs: number }>[] {
  const days: { date: string; fromMs: number; toMs: number }[] = [];
  let atMs = period.fromMs;
  while (atMs < period.toMs) {
    const date = dateAt(atMs, period.timeZone);
    const endMs = Math.min(endOfDateMs(date, period.timeZone), period.toMs);
    days.push({ date, fromMs: atMs, toMs: endMs });
    atMs = endMs;
  }
  return days;
}

export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    // An offset such as +08:00 is understood too, and is what must never be stored.
    return !/^[+-]/.test(name);
  } catch {
    // A RangeError is how the runtime says no.
    return false;
  }
}

function zoned(atMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
}
