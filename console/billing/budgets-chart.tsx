/** A budget's period as a line: solid is spent, dashed is foretold, the thin one is the budget itself. */
import { useTranslation } from 'react-i18next';
import type { BudgetForecast } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { approximateMoney } from '../format/money.ts';
import { dayThere, lastMoment } from './budgets-queries.ts';

const WIDTH = 320;
const HEIGHT = 96;

type Point = Readonly<{ x: number; y: number }>;

export function ForecastLine({ forecast }: Readonly<{ forecast: BudgetForecast }>) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { budget, points } = forecast;
  const startMs = Date.parse(budget.periodStart);
  const spanMs = Date.parse(budget.periodEnd) - startMs;
  const most = Math.max(
    approximateMoney(budget.amount),
    ...points.map(({ amount }) => approximateMoney(amount)),
  );
  const place = (at: string, amount: string): Point => ({
    x: ((Date.parse(at) - startMs) / spanMs) * WIDTH,
    y: HEIGHT - (approximateMoney(amount) / (most * 1.05)) * HEIGHT,
  });
  const spent = points.filter(({ isForecast }) => !isForecast);
  const ahead = points.filter(({ isForecast }) => isForecast);
  const begin = place(budget.periodStart, '0');
  const last = spent.at(-1);
  const now = last === undefined ? begin : place(last.at, last.amount);
  const budgetY = place(budget.periodStart, budget.amount).y;
  const label = t('budgets.chart', {
    name: budget.name,
    spent: format.moneyShort(budget.spent, budget.currency),
    amount: format.moneyShort(budget.amount, budget.currency),
  });
  return (
    <figure>
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-24 w-full overflow-visible"
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="stroke-line" />
        <line
          x1="0"
          x2={WIDTH}
          y1={budgetY}
          y2={budgetY}
          className="stroke-bad"
          strokeDasharray="2 3"
          vectorEffect="non-scaling-stroke"
        />
        <polyline
          points={lineOf([begin, ...spent.map(({ at, amount }) => place(at, amount))])}
          className="fill-none stroke-accent-line"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
        {ahead.length > 0 && (
          <polyline
            points={lineOf([now, ...ahead.map(({ at, amount }) => place(at, amount))])}
            className="fill-none stroke-accent-line"
            strokeWidth="2"
            strokeDasharray="4 4"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <figcaption className="mt-1 flex justify-between text-xs text-muted">
        <span>{dayThere(startMs, budget.timeZone, i18n.language)}</span>
        <span>{dayThere(lastMoment(budget), budget.timeZone, i18n.language)}</span>
      </figcaption>
    </figure>
  );
}

function lineOf(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
}
