/**
 * Whether an hour cost more than such hours do. Pure. It is compared with the same hour of the week in the
 * last eight weeks, at least four of them; with less behind, with the same hour of the day in the last
 * fourteen days, at least seven. Unusual is what lies above
 *
 *     median + 6 × max(1.4826 × MAD, median ÷ 10), and at least one unit of the currency above the median
 *
 * The median and its absolute deviation (MAD) are not moved by the odd day out, as a mean would be; the
 * tenth keeps a tenant that spends the same every day from being told of every cent.
 */
import { PICO_PER_UNIT } from '#ledger/money.ts';
import type { Hours } from './forecast.ts';
import { HOUR_MS } from './span.ts';

export type Anomaly = Readonly<{ spentPico: bigint; usualPico: bigint; mostPico: bigint }>;

const DAY_MS = 24 * HOUR_MS;
const WEEKS = { stepMs: 7 * DAY_MS, most: 8, least: 4 } as const;
const DAYS = { stepMs: DAY_MS, most: 14, least: 7 } as const;
const WIDTH = 6n;
/** Makes the MAD of a normal distribution its standard deviation. */
const MAD_SCALE = [14_826n, 10_000n] as const;
const FLOOR_PICO = PICO_PER_UNIT;

/** The longest look back. */
export const LOOK_BACK_MS = WEEKS.stepMs * WEEKS.most;

/** Null where the hour is usual, or too little is known. */
export function findAnomaly(hours: Hours, hourMs: number): Anomaly | null {
  const spentPico = hours.get(hourMs) ?? 0n;
  const firstMs = Math.min(...[...hours].flatMap(([at, pico]) => (pico > 0n ? [at] : [])), hourMs);
  const sample = sampleOf(hours, hourMs, firstMs, WEEKS) ?? sampleOf(hours, hourMs, firstMs, DAYS);
  if (sample === null) return null;
  const usualPico = median(sample);
  const mostPico = usualPico + WIDTH * bandOf(sample, usualPico);
  const isUnusual = spentPico > mostPico && spentPico - usualPico >= FLOOR_PICO;
  return isUnusual ? { spentPico, usualPico, mostPico } : null;
}

function bandOf(sample: readonly bigint[], middle: bigint): bigint {
  const deviation = median(sample.map((each) => (each > middle ? each - middle : middle - each)));
  const scaled = (deviation * MAD_SCALE[0]) / MAD_SCALE[1];
  const tenth = middle / 10n;
  return scaled > tenth ? scaled : tenth;
}

/** Hours without calls cost nothing and count as that, but not those before the first call ever. */
function sampleOf(
  hours: Hours,
  hourMs: number,
  firstMs: number,
  { stepMs, most, least }: typeof WEEKS | typeof DAYS,
): readonly bigint[] | null {
  const sample: bigint[] = [];
  for (let back = 1; back <= most; back += 1) {
    const atMs = hourMs - back * stepMs;
    if (atMs < firstMs) break;
    sample.push(hours.get(atMs) ?? 0n);
  }
  return sample.length < least ? null : sample;
}

function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0n;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0n) + upper) / 2n;
}
