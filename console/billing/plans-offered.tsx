/** The plans and savings plans that a tenant may choose. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Plan, type SavingsPlan, type Subscription, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { ConfirmDialog } from '../shell/confirm.tsx';
import { balanceQuery } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { notify } from '../ui/toast.tsx';
import { AllowanceList } from './plans-allowance.tsx';
import { ChoosePlan } from './plans-choose.tsx';
import { CREDITS_KEY, createPurchaseKey, plansQuery, savingsPlansQuery } from './plans-queries.ts';

export function OfferedPlans({ subscription }: Readonly<{ subscription: Subscription | null }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useQuery(plansQuery);
  const [chosen, setChosen] = useState<Plan | null>(null);
  const offered = data.filter(({ state }) => state === 'active');
  if (offered.length === 0) return null;
  return (
    <Card title={t('plans.offered')} description={t('plans.offeredText')}>
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {offered.map((plan) => (
          <li key={plan.id} className="flex min-w-0 flex-col gap-3 rounded-lg border p-4">
            <div>
              <h3 className="font-semibold">{plan.name}</h3>
              <p className="text-sm text-muted">{plan.description}</p>
            </div>
            <p>
              <span className="text-xl font-semibold tabular">
                {format.moneyShort(plan.price, plan.currency)}
              </span>{' '}
              <span className="text-sm text-muted">{t('plans.aMonth')}</span>
            </p>
            <AllowanceList plan={plan} />
            <Button
              className="mt-auto"
              disabled={subscription?.plan.id === plan.id}
              onClick={() => setChosen(plan)}
            >
              {subscription?.plan.id === plan.id
                ? t('plans.yours')
                : t('plans.choose', { plan: plan.name })}
            </Button>
          </li>
        ))}
      </ul>
      {chosen !== null && <ChoosePlan plan={chosen} onClose={() => setChosen(null)} />}
    </Card>
  );
}

export function OfferedSavings() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useQuery(savingsPlansQuery);
  const [chosen, setChosen] = useState<SavingsPlan | null>(null);
  const offered = data.filter(({ state }) => state === 'active');
  if (offered.length === 0) return null;
  return (
    <Card title={t('plans.savings')} description={t('plans.savingsText')}>
      <ul className="divide-y">
        {offered.map((plan) => (
          <li key={plan.id} className="flex flex-wrap items-center justify-between gap-3 py-3">
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
            <Button size="sm" onClick={() => setChosen(plan)}>
              {t('plans.buy', { plan: plan.name })}
            </Button>
          </li>
        ))}
      </ul>
      {chosen !== null && <BuySavings plan={chosen} onClose={() => setChosen(null)} />}
    </Card>
  );
}

/** The dialog is one purchase: a second press, or a retry, never buys twice. */
function BuySavings({ plan, onClose }: Readonly<{ plan: SavingsPlan; onClose: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [key] = useState(createPurchaseKey);
  const buy = useMutation({
    mutationFn: () => cloud.savingsPlans.buy(plan.id, key),
    onSuccess: () => notify(t('plans.bought', { plan: plan.name })),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: CREDITS_KEY });
      await queries.invalidateQueries({ queryKey: balanceQuery.queryKey });
    },
  });
  return (
    <ConfirmDialog
      isOpen
      title={t('plans.buy', { plan: plan.name })}
      text={t('plans.buyText', { price: format.moneyShort(plan.price, plan.currency) })}
      confirmLabel={t('plans.payNow')}
      isBusy={buy.isPending}
      onConfirm={() => buy.mutate()}
      onClose={onClose}
    />
  );
}
