/** A budget's period as a line: what was spent so far at the end of each hour or day, and what is foretold. Pure. */
import { formatAmount } from '#ledger/money.ts';
import type { BudgetForecast } from './api.ts';
import type { Standing } from './budgets.ts';
import { HOUR_MS } from './span.ts';

type Point = BudgetForecast['points'][number];

/** Hours for a day; for longer periods a point a day is as much as a screen shows. */
const HOURLY_UP_TO_MS = 26 * HOUR_MS;
const DAY_HOURS = 24;

export function pointsOf({ span, hours, ahead }: Standing, nowMs: number): Point[] {
  const everyHours = span.endMs - span.startMs <= HOURLY_UP_TO_MS ? 1 : DAY_HOURS;
  const stepMs = everyHours * HOUR_MS;
  const foretold = new Map(ahead.hours.map(({ startMs, amountPico }) => [startMs, amountPico]));
  const points: Point[] = [];
  let totalPico = 0n;
  const firstMs = Math.floor(span.startMs / HOUR_MS) * HOUR_MS;
  for (let atMs = firstMs; atMs < span.endMs; atMs += HOUR_MS) {
    const isForecast = atMs > nowMs;
    if (isForecast && ahead.basis === 'none') break;
    totalPico += (isForecast ? foretold.get(atMs) : hours.get(atMs)) ?? 0n;
    const endMs = atMs + HOUR_MS;
    const isNow = !isForecast && endMs > nowMs;
    if ((endMs - firstMs) % stepMs !== 0 && endMs < span.endMs && !isNow) continue;
    const at = new Date(Math.min(endMs, span.endMs)).toISOString();
    points.push({
      at: isNow ? new Date(nowMs).toISOString() : at,
      amount: formatAmount(totalPico),
      isForecast,
    });
  }
  return points;
}
