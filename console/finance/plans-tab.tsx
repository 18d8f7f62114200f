/** Plans, savings plans, free quotas and coupons that are offered, and the order in which sources pay. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AllowanceList } from '../billing/plans-allowance.tsx';
import { OFFERS_KEY, plansQuery, savingsPlansQuery } from '../billing/plans-queries.ts';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Coupons } from './plans-coupons.tsx';
import { NewPlan, NewSavingsPlan } from './plans-new.tsx';
import { OrderCard, QuotaRules } from './plans-rules.tsx';

export function PlansTab() {
  return (
    <div className="space-y-4">
      <Plans />
      <SavingsPlans />
      <QuotaRules />
      <Coupons />
      <OrderCard />
    </div>
  );
}

function Plans() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useQuery(plansQuery);
  const [isNew, setIsNew] = useState(false);
  const archive = useArchive((id) => cloud.plans.archive(id));
  const offered = data.filter(({ state }) => state === 'active');
  return (
    <Card
      title={t('offers.plans')}
      description={t('offers.plansText')}
      actions={
        <Button size="sm" onClick={() => setIsNew(true)}>
          {t('offers.newPlan')}
        </Button>
      }
    >
      {offered.length === 0 && <p className="text-sm text-muted">{t('offers.plansNone')}</p>}
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {offered.map((plan) => (
          <li key={plan.id} className="flex min-w-0 flex-col gap-3 rounded-lg border p-4">
            <div className="flex items-baseline justify-between gap-3">
              <h3 className="min-w-0 font-semibold">{plan.name}</h3>
              <span className="tabular">{format.moneyShort(plan.price, plan.currency)}</span>
            </div>
            <AllowanceList plan={plan} />
            <Button
              size="sm"
              variant="ghost"
              className="mt-auto self-end"
              onClick={() => archive(plan.id)}
            >
              {t('offers.archive', { name: plan.name })}
            </Button>
          </li>
        ))}
      </ul>
      {isNew && <NewPlan onClose={() => setIsNew(false)} />}
    </Card>
  );
}

function SavingsPlans() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useQuery(savingsPlansQuery);
  const [isNew, setIsNew] = useState(false);
  const archive = useArchive((id) => cloud.savingsPlans.archive(id));
  const offered = data.filter(({ state }) => state === 'active');
  return (
    <Card
      title={t('plans.savings')}
      description={t('offers.savingsText')}
      actions={
        <Button size="sm" onClick={() => setIsNew(true)}>
          {t('offers.newSavings')}
        </Button>
      }
    >
      {offered.length === 0 && <p className="text-sm text-muted">{t('offers.savingsNone')}</p>}
      <ul className="divide-y">
        {offered.map((plan) => (
          <li key={plan.id} className="flex flex-wrap items-center justify-between gap-3 py-2.5">
            <div className="min-w-0">
              <p className="font-medium">{plan.name}</p>
              <p className="text-sm text-muted">
                {t('plans.savingsOffer', {
                  amount: format.moneyShort(plan.amount, plan.currency),
                  price: format.moneyShort(plan.price, plan.currency),
                  count: plan.months,
                })}
              </p>
            </div>
            <Button size="sm" variant="ghost" onClick={() => archive(plan.id)}>
              {t('offers.archive', { name: plan.name })}
            </Button>
          </li>
        ))}
      </ul>
      {isNew && <NewSavingsPlan onClose={() => setIsNew(false)} />}
    </Card>
  );
}

function useArchive(archive: (id: string) => Promise<void>): (id: string) => void {
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: archive,
    onSettled: () => queries.invalidateQueries({ queryKey: OFFERS_KEY }),
  });
  return (id) => mutate(id);
}
