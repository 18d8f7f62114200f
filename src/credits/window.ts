/**
 * When the windows of an allowance begin and end. Pure. All of them are counted from the instant at which
 * the subscription began, so the window of a call follows from its own time alone: late calls fall into
 * theirs, and a replay finds the same. Five hours and weeks are spans of time; months are those of the
 * calendar in UTC, counted from the first day, so a subscription of January 31st renews on February 28th
 * and March 31st.
 */
export const WINDOW_PERIODS = ['5_hours', 'week', 'month'] as const;
export type WindowPeriod = (typeof WINDOW_PERIODS)[number];

export type Window = Readonly<{ period: WindowPeriod; startMs: number; endMs: number }>;

const HOUR_MS = 60 * 60_000;

const SPAN_MS: Readonly<Record<Exclude<WindowPeriod, 'month'>, number>> = {
  '5_hours': 5 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

/** The window that `atMs` is in, half open; null before the subscription began. */
export function windowAt(period: WindowPeriod, anchorMs: number, atMs: number): Window | null {
  if (atMs < anchorMs) return null;
  if (period === 'month') return monthAt(anchorMs, atMs);
  const spanMs = SPAN_MS[period];
  const startMs = anchorMs + Math.floor((atMs - anchorMs) / spanMs) * spanMs;
  return { period, startMs, endMs: startMs + spanMs };
}

/** The anchor, so many months later by the calendar. */
export function addMonths(anchorMs: number, months: number): number {
  return Temporal.Instant.fromEpochMilliseconds(anchorMs)
    .toZonedDateTimeISO('UTC')
    .add({ months })
    .toInstant().epochMilliseconds;
}

function monthAt(anchorMs: number, atMs: number): Window {
  const anchor = new Date(anchorMs);
  const at = new Date(atMs);
  const years = at.getUTCFullYear() - anchor.getUTCFullYear();
  const guess = years * 12 + at.getUTCMonth() - anchor.getUTCMonth();
  // The month's own day may not have come yet.
  const months = addMonths(anchorMs, guess) <= atMs ? guess : guess - 1;
  return {
    period: 'month',
    startMs: addMonths(anchorMs, months),
    endMs: addMonths(anchorMs, months + 1),
  };
}
