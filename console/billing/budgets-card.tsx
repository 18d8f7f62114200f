/** One budget: what is spent of it, what it is likely to end at, and the line that leads there. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Budget } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Pill, Tag, type Tone } from '../ui/pill.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ForecastLine } from './budgets-chart.tsx';
import {
  LEVEL_LABELS,
  PERIOD_LABELS,
  budgetForecastQuery,
  dayThere,
  lastMoment,
} from './budgets-queries.ts';

export type BudgetCardProps = Readonly<{
  budget: Budget;
  onEdit: () => void;
  onRemove: () => void;
}>;

const NEAR_PERCENT = 80;

function toneOf({ percent, forecastPercent }: Budget): Tone {
  if (percent >= 100) return 'bad';
  return percent >= NEAR_PERCENT || (forecastPercent ?? 0) >= 100 ? 'warn' : 'good';
}

export function BudgetCard({ budget, onEdit, onRemove }: BudgetCardProps) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { currency, percent, forecast, basis } = budget;
  const ahead = useQuery(budgetForecastQuery(budget.id)).data;
  const scope =
    budget.level === 'tenant'
      ? t('budgets.tenant')
      : `${t(LEVEL_LABELS[budget.level])} ${budget.scopeName}`;
  return (
    <Card
      title={budget.name}
      description={scope}
      actions={<Pill tone={toneOf(budget)}>{`${percent}%`}</Pill>}
    >
      <div className="space-y-3">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <p className="text-lg font-semibold tabular">
            {format.moneyShort(budget.spent, currency)}
          </p>
          <p className="text-sm text-muted">
            {t('budgets.ofAmount', { amount: format.moneyShort(budget.amount, currency) })}
          </p>
        </div>
        <ProgressBar label={t('budgets.spentOf', { name: budget.name })} value={percent / 100} />
        <p className="text-sm text-muted">
          {forecast === null
            ? t('budgets.tooEarly')
            : t(basis === 'days' ? 'budgets.likelyRough' : 'budgets.likely', {
                amount: format.moneyShort(forecast, currency),
                day: dayThere(lastMoment(budget), budget.timeZone, i18n.language),
              })}
        </p>
        {ahead === undefined ? <Skeleton className="h-28" /> : <ForecastLine forecast={ahead} />}
        <div className="flex flex-wrap items-center gap-1.5">
          <Tag>{t(PERIOD_LABELS[budget.period])}</Tag>
          {budget.thresholds.map((each) => (
            <Tag key={each}>{`${each}%`}</Tag>
          ))}
          {budget.stops && <Tag>{t('budgets.stopsTag')}</Tag>}
          <div className="ml-auto flex">
            <Button size="sm" variant="ghost" onClick={onEdit}>
              {t('budgets.edit')}
            </Button>
            <Button size="sm" variant="ghost" onClick={onRemove}>
              {t('action.delete')}
            </Button>
          </div>
        </div>
      </div>
    </Card>
  );
}
