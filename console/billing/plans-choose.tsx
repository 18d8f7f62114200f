/** What choosing a plan costs now, line by line, before anybody pays. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Plan, type PlanPreview, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { balanceQuery } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { CREDITS_KEY, previewQuery } from './plans-queries.ts';

const TITLES = {
  subscribe: 'plans.subscribeTo',
  upgrade: 'plans.upgradeTo',
  downgrade: 'plans.downgradeTo',
} as const;
const LINES = {
  subscription: 'plans.lineMonth',
  unused: 'plans.lineUnused',
  remaining: 'plans.lineRemaining',
} as const;

export function ChoosePlan({ plan, onClose }: Readonly<{ plan: Plan; onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error } = useQuery(previewQuery(plan.id));
  const choose = useMutation({
    mutationFn: (preview: PlanPreview) =>
      preview.kind === 'subscribe'
        ? cloud.subscription.create(plan.id)
        : cloud.subscription.change({
            planId: plan.id,
            dueMax: preview.due.startsWith('-') ? '0' : preview.due,
          }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('plans.chosen', { plan: plan.name }));
      onClose();
      await queries.invalidateQueries({ queryKey: CREDITS_KEY });
      await queries.invalidateQueries({ queryKey: balanceQuery.queryKey });
    },
  });
  const failure = error ?? choose.error;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t(TITLES[data?.kind ?? 'subscribe'], { plan: plan.name })}
      closeLabel={t('action.close')}
    >
      {data === undefined && error === null && <Skeleton className="h-32" />}
      {data !== undefined && <Preview preview={data} />}
      {failure !== null && <Banner tone="bad">{describeFailure(failure)}</Banner>}
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button
          variant="primary"
          disabled={data === undefined}
          isBusy={choose.isPending}
          onClick={() => data !== undefined && choose.mutate(data)}
        >
          {t(data?.kind === 'downgrade' ? 'plans.schedule' : 'plans.payNow')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Preview({ preview }: Readonly<{ preview: PlanPreview }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kind, lines, due, currency, nextPrice, effectiveAt } = preview;
  const money = (amount: string): string => format.moneyShort(amount, currency);
  return (
    <div className="mb-4 space-y-4 text-sm">
      <table className="w-full">
        <tbody>
          {lines.map((line) => (
            <tr key={line.kind} className="border-b align-top">
              <td className="py-2 pr-3">
                {t(LINES[line.kind], { plan: line.plan })}
                <span className="block text-xs text-muted">
                  {t('plans.fromTo', { from: format.time(line.from), to: format.time(line.to) })}
                </span>
              </td>
              <td className="py-2 text-right whitespace-nowrap tabular">{money(line.amount)}</td>
            </tr>
          ))}
          <tr className="font-semibold">
            <td className="py-2 pr-3">{t('plans.due')}</td>
            <td className="py-2 text-right whitespace-nowrap tabular">{money(due)}</td>
          </tr>
        </tbody>
      </table>
      <p className="text-muted">
        {kind === 'downgrade'
          ? t('plans.downgradeText', { time: format.time(effectiveAt), price: money(nextPrice) })
          : t('plans.thenText', { price: money(nextPrice) })}
      </p>
    </div>
  );
}
