/** When the days and months of budgets begin and end, by the tenant's own clock. Pure. */
export type Period = Readonly<{ startMs: number; endMs: number }>;

const DAY_MS = 24 * 60 * 60_000;

/** The day or month that `nowMs` is in. Where a day has 23 or 25 hours, so has its budget. */
export function periodOf(unit: 'day' | 'month', nowMs: number, timeZone: string): Period {
  const { year, month, day } = dateIn(timeZone, nowMs);
  if (unit === 'day') {
    return {
      startMs: midnight(timeZone, Date.UTC(year, month - 1, day)),
      endMs: midnight(timeZone, Date.UTC(year, month - 1, day + 1)),
    };
  }
  return {
    startMs: midnight(timeZone, Date.UTC(year, month - 1, 1)),
    endMs: midnight(timeZone, Date.UTC(year, month, 1)),
  };
}

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    // A RangeError is how the runtime says no.
    return false;
  }
}

/** The moment at which clocks there show this date's midnight, or the first moment of the day where it is skipped. */
function midnight(timeZone: string, dateUtcMs: number): number {
  let atMs = dateUtcMs;
  // The offset at the guess may be another than at the answer; twice is enough for any zone.
  for (let round = 0; round < 2; round += 1) atMs = dateUtcMs - offsetMs(timeZone, atMs);
  const wanted = new Date(dateUtcMs).getUTCDate();
  return dateIn(timeZone, atMs).day === wanted
    ? atMs
    : dateUtcMs - offsetMs(timeZone, atMs + DAY_MS / 8);
}

function offsetMs(timeZone: string, atMs: number): number {
  const { year, month, day, hour, minute, second } = dateIn(timeZone, atMs);
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  return shown - Math.floor(atMs / 1000) * 1000;
}

function dateIn(timeZone: string, atMs: number) {
  const shown = new Map<string, number>();
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) {
    shown.set(type, Number(value));
  }
  const read = (type: string): number => shown.get(type) ?? 0;
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  };
}

/** Made anew each time: budgets are asked for once a period and gateway, not for each request. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
