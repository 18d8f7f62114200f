/**
 * What a period is likely to end at. Pure, in whole pico. What is spent, plus for every hour that is left
 * what the same hour of the week cost on average in the last four weeks, times how the last week compares
 * with those weeks (between a quarter and four times). With less than a week behind, the average hour so
 * far; with less than a day, nothing is said.
 *
 *     forecast = spent + Σ mean(hour of the week) × clamp(last week ÷ mean week, ¼, 4)
 */
import { HOUR_MS, type Span } from './span.ts';

/** What each hour that had calls cost, by its first millisecond (UTC). */
export type Hours = ReadonlyMap<number, bigint>;

export type Forecast = Readonly<{
  /** What it rests on; `none` where too little is known. */
  basis: 'weeks' | 'days' | 'none';
  endPico: bigint | null;
  /** What each hour that is left is likely to cost. */
  hours: readonly Readonly<{ startMs: number; amountPico: bigint }>[];
}>;

export const WEEK_HOURS = 168;
export const WEEKS_MAX = 4;
const DAY_HOURS = 24;
const CLAMP = 4n;

export function forecast(hours: Hours, span: Span, nowMs: number): Forecast {
  const thisHourMs = hourOf(nowMs);
  const spentPico = spentIn(hours, span);
  const known = knownHours(hours, thisHourMs);
  if (known < DAY_HOURS) return { basis: 'none', endPico: null, hours: [] };
  const weeks = Math.min(WEEKS_MAX, Math.floor(known / WEEK_HOURS));
  const expect =
    weeks === 0 ? averageHour(hours, thisHourMs, known) : sameHourOfWeek(hours, thisHourMs, weeks);
  const left: { startMs: number; amountPico: bigint }[] = [];
  let endPico = spentPico;
  // The hour that runs is counted as it is, so that a forecast never jumps within it.
  for (let startMs = thisHourMs + HOUR_MS; startMs < span.endMs; startMs += HOUR_MS) {
    const amountPico = expect(startMs);
    endPico += amountPico;
    left.push({ startMs, amountPico });
  }
  return { basis: weeks === 0 ? 'days' : 'weeks', endPico, hours: left };
}

export function spentIn(hours: Hours, { startMs, endMs }: Span): bigint {
  let total = 0n;
  for (const [atMs, amountPico] of hours) {
    if (atMs >= hourOf(startMs) && atMs < endMs) total += amountPico;
  }
  return total;
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

/** Whole hours since the first that cost something. */
function knownHours(hours: Hours, thisHourMs: number): number {
  let firstMs = thisHourMs;
  for (const [atMs, amountPico] of hours) if (amountPico > 0n && atMs < firstMs) firstMs = atMs;
  return (thisHourMs - firstMs) / HOUR_MS;
}

function averageHour(hours: Hours, thisHourMs: number, known: number): () => bigint {
  const each = sumBefore(hours, thisHourMs, known) / BigInt(known);
  return () => each;
}

function sameHourOfWeek(
  hours: Hours,
  thisHourMs: number,
  weeks: number,
): (startMs: number) => bigint {
  const lastWeek = sumBefore(hours, thisHourMs, WEEK_HOURS);
  const allWeeks = sumBefore(hours, thisHourMs, WEEK_HOURS * weeks);
  // last week ÷ mean week, as a fraction that is kept whole.
  const [above, below] = clamp(lastWeek * BigInt(weeks), allWeeks);
  return (startMs) => {
    const weekMs = WEEK_HOURS * HOUR_MS;
    const backMs = Math.ceil((startMs - thisHourMs + HOUR_MS) / weekMs) * weekMs;
    let sum = 0n;
    for (let week = 0; week < weeks; week += 1) {
      sum += hours.get(startMs - backMs - week * weekMs) ?? 0n;
    }
    return (sum * above) / (BigInt(weeks) * below);
  };
}

function clamp(above: bigint, below: bigint): readonly [bigint, bigint] {
  if (below === 0n) return [1n, 1n];
  if (above > below * CLAMP) return [CLAMP, 1n];
  return above * CLAMP < below ? [1n, CLAMP] : [above, below];
}

function sumBefore(hours: Hours, thisHourMs: number, count: number): bigint {
  let total = 0n;
  for (let back = 1; back <= count; back += 1)
    total += hours.get(thisHourMs - back * HOUR_MS) ?? 0n;
  return total;
}
