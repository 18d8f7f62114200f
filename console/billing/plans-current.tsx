/** The plan of the tenant: its meters, when they begin anew, and what happens when the month ends. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Subscription, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { ConfirmDialog } from '../shell/confirm.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { notify } from '../ui/toast.tsx';
import { useUnits } from './plans-allowance.tsx';
import { CREDITS_KEY, PERIOD_LABELS } from './plans-queries.ts';

export function CurrentPlan({ subscription }: Readonly<{ subscription: Subscription }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { plan, state, periodEnd, nextPlan, endsAtPeriodEnd } = subscription;
  const price = format.moneyShort((nextPlan ?? plan).price, plan.currency);
  return (
    <Card
      title={plan.name}
      description={t('plans.since', { time: format.day(subscription.startedAt) })}
      actions={
        <Pill tone={state === 'active' ? 'good' : 'bad'}>
          {t(state === 'active' ? 'plans.active' : 'plans.pastDue')}
        </Pill>
      }
    >
      {state === 'past_due' && <Banner tone="bad">{t('plans.pastDueText')}</Banner>}
      <Meters subscription={subscription} />
      <div className="mt-5 flex flex-wrap items-center justify-between gap-3 border-t pt-4 text-sm">
        <p className="min-w-0 text-muted">
          {endsAtPeriodEnd && t('plans.ends', { time: format.time(periodEnd) })}
          {!endsAtPeriodEnd &&
            nextPlan !== null &&
            t('plans.changes', { time: format.time(periodEnd), plan: nextPlan.name, price })}
          {!endsAtPeriodEnd &&
            nextPlan === null &&
            t('plans.renews', { time: format.time(periodEnd), price })}
        </p>
        <Actions subscription={subscription} />
      </div>
    </Card>
  );
}

function Meters({ subscription }: Readonly<{ subscription: Subscription }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { plan, meters } = subscription;
  const showUnits = useUnits(plan);
  return (
    <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
      {meters.map(({ period, used, allowance, resetsAt }) => (
        <div key={period} className="min-w-0">
          <div className="mb-1.5 flex justify-between gap-3 text-sm">
            <span className="font-medium">{t(PERIOD_LABELS[period])}</span>
            <span className="text-muted tabular">
              {t('plans.usedOf', { used: showUnits(used), allowance: showUnits(allowance) })}
            </span>
          </div>
          <ProgressBar
            label={t(PERIOD_LABELS[period])}
            value={Number(used) / Math.max(Number(allowance), Number.MIN_VALUE)}
          />
          <p className="mt-1.5 text-xs text-muted">
            {t('plans.resets', { time: format.time(resetsAt) })}
          </p>
        </div>
      ))}
    </div>
  );
}

function Actions({ subscription }: Readonly<{ subscription: Subscription }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isCancelling, setIsCancelling] = useState(false);
  const isScheduled = subscription.endsAtPeriodEnd || subscription.nextPlan !== null;
  const onSettled = async (): Promise<void> => {
    setIsCancelling(false);
    await queries.invalidateQueries({ queryKey: CREDITS_KEY });
  };
  const undo = useMutation({
    mutationFn: () => cloud.subscription.undo(),
    onSuccess: () => notify(t('plans.undone')),
    onSettled,
  });
  const cancel = useMutation({
    mutationFn: () => cloud.subscription.cancel(),
    onSuccess: () => notify(t('plans.cancelled')),
    onSettled,
  });
  return (
    <div className="flex flex-wrap gap-2">
      {isScheduled && (
        <Button size="sm" isBusy={undo.isPending} onClick={() => undo.mutate()}>
          {t('plans.undo')}
        </Button>
      )}
      {!subscription.endsAtPeriodEnd && (
        <Button size="sm" variant="danger" onClick={() => setIsCancelling(true)}>
          {t('plans.cancel')}
        </Button>
      )}
      <ConfirmDialog
        isOpen={isCancelling}
        title={t('plans.cancelTitle', { plan: subscription.plan.name })}
        text={t('plans.cancelText')}
        confirmLabel={t('plans.cancel')}
        isBusy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
        onClose={() => setIsCancelling(false)}
      />
    </div>
  );
}
