/** What a plan allows in each window, in words. */
import { useTranslation } from 'react-i18next';
import type { Plan } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { PERIOD_LABELS, isMoney } from './plans-queries.ts';

export function AllowanceList({ plan }: Readonly<{ plan: Plan }>) {
  const { t } = useTranslation();
  const showUnits = useUnits(plan);
  return (
    <ul className="space-y-1 text-sm">
      {plan.windows.map(({ period, allowance }) => (
        <li key={period} className="flex justify-between gap-3">
          <span className="text-muted">{t(PERIOD_LABELS[period])}</span>
          <span className="tabular">{showUnits(allowance)}</span>
        </li>
      ))}
      <li className="flex justify-between gap-3">
        <span className="text-muted">{t('plans.afterThat')}</span>
        <span>{t(plan.atEnd === 'block' ? 'plans.atEndBlock' : 'plans.atEndOverage')}</span>
      </li>
      <li className="flex justify-between gap-3">
        <span className="text-muted">{t('plans.models')}</span>
        <span className="text-right break-words">
          {plan.models?.join(', ') ?? t('plans.allModels')}
        </span>
      </li>
    </ul>
  );
}

export function useUnits(plan: Pick<Plan, 'unit' | 'currency'>): (units: string) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (units) =>
    isMoney(plan)
      ? format.moneyShort(units, plan.currency)
      : t('plans.tokenCount', { tokens: format.number(Number(units)) });
}
