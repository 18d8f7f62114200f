/** Automatic top-ups: when the balance falls below an amount, the saved card is charged, up to a cap. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AutoTopUpSet, type PaymentOptions, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { PAYMENTS_KEY } from './payments-queries.ts';

const FIELDS = ['threshold', 'amount', 'monthlyCap'] as const;
const LABELS = {
  threshold: 'payments.threshold',
  amount: 'payments.autoAmount',
  monthlyCap: 'payments.monthlyCap',
} as const;

export function AutoTopUp({ options }: Readonly<{ options: PaymentOptions }>) {
  const { t } = useTranslation();
  const { savedMethod } = options;
  return (
    <Card title={t('payments.autoTitle')} description={t('payments.autoText')}>
      {savedMethod === null ? (
        <p className="text-sm text-muted">{t('payments.noMethod')}</p>
      ) : (
        <AutoForm options={options} savedMethod={savedMethod} />
      )}
    </Card>
  );
}

type AutoFormProps = Readonly<{ options: PaymentOptions; savedMethod: string }>;

function AutoForm({ options, savedMethod }: AutoFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const { autoTopUp, currency } = options;
  const [draft, setDraft] = useState<AutoTopUpSet & { isOn: boolean }>({
    isOn: autoTopUp?.isOn ?? true,
    threshold: autoTopUp?.threshold ?? '20',
    amount: autoTopUp?.amount ?? '100',
    monthlyCap: autoTopUp?.monthlyCap ?? '500',
  });
  const done = async (): Promise<void> => {
    notify(t('payments.autoSaved'));
    await queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
  };
  const set = useMutation({
    mutationFn: () => cloud.payments.setAutoTopUp(draft),
    meta: { isSilent: true },
    onSuccess: done,
  });
  const forget = useMutation({ mutationFn: () => cloud.payments.removeMethod(), onSuccess: done });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4">
      {autoTopUp?.problem !== null && autoTopUp?.problem !== undefined && (
        <Banner tone="warn">{t('payments.autoProblem')}</Banner>
      )}
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <span>{savedMethod}</span>
        <Button size="sm" variant="ghost" isBusy={forget.isPending} onClick={() => forget.mutate()}>
          {t('payments.forget')}
        </Button>
      </div>
      <Switch
        label={t('payments.autoOn')}
        isOn={draft.isOn}
        onChange={(isOn) => setDraft((now) => ({ ...now, isOn }))}
      />
      <div className="grid gap-4 sm:grid-cols-3">
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={t(LABELS[field])}
            required
            inputMode="decimal"
            pattern={DECIMAL_PATTERN}
            value={draft[field]}
            onChange={(event) => setDraft((now) => ({ ...now, [field]: event.target.value }))}
          />
        ))}
      </div>
      {autoTopUp !== null && (
        <p className="text-sm text-muted">
          {t('payments.autoSpent', { amount: format.money(autoTopUp.spentThisMonth, currency) })}
        </p>
      )}
      {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
      <Button type="submit" isBusy={set.isPending}>
        {t('action.save')}
      </Button>
    </form>
  );
}
