/** How this cloud is paid: bank details, Stripe's keys, the least and the most of a top-up. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PAYMENTS_KEY, paymentSettingsQuery } from '../billing/payments-queries.ts';
import { type PaymentSettings, type PaymentSettingsSet, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DECIMAL_PATTERN, TextAreaField, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';

export function PaymentSettingsCard() {
  const { data } = useQuery(paymentSettingsQuery);
  if (data === undefined) return <Skeleton className="h-64 rounded-xl" />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Transfers settings={data} />
      <StripeKeys settings={data} />
    </div>
  );
}

function useSettings(onDone: () => void = () => {}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: PaymentSettingsSet) => cloud.payments.setSettings(change),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('payments.settingsSaved'));
      onDone();
      await queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
    },
  });
}

function Transfers({ settings }: Readonly<{ settings: PaymentSettings }>) {
  const { t } = useTranslation();
  const [bankDetails, setBankDetails] = useState(settings.bankDetails);
  const [least, setLeast] = useState(settings.least);
  const [most, setMost] = useState(settings.most);
  const set = useSettings();
  return (
    <Card title={t('payments.transfersTitle')} description={t('payments.transfersText')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate({ bankDetails, least: least.trim(), most: most.trim() });
        }}
      >
        <TextAreaField
          label={t('payments.bankDetails')}
          hint={t('payments.bankDetailsHint')}
          maxLength={2_000}
          value={bankDetails}
          onChange={(event) => setBankDetails(event.target.value)}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('payments.least')}
            required
            inputMode="decimal"
            pattern={DECIMAL_PATTERN}
            value={least}
            onChange={(event) => setLeast(event.target.value)}
          />
          <TextField
            label={t('payments.most')}
            required
            inputMode="decimal"
            pattern={DECIMAL_PATTERN}
            value={most}
            onChange={(event) => setMost(event.target.value)}
          />
        </div>
        {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
        <Button type="submit" isBusy={set.isPending}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  );
}

function StripeKeys({ settings }: Readonly<{ settings: PaymentSettings }>) {
  const { t } = useTranslation();
  const [secretKey, setSecretKey] = useState('');
  const [webhookSecret, setWebhookSecret] = useState('');
  const set = useSettings(() => {
    setSecretKey('');
    setWebhookSecret('');
  });
  const { stripe, stripeWebhookUrl } = settings;
  return (
    <Card
      title="Stripe"
      description={t('payments.stripeText')}
      actions={
        <Pill tone={stripe.isOn ? 'good' : 'quiet'}>
          {stripe.isOn ? stripe.keyHint : t('payments.stripeOff')}
        </Pill>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate({ stripe: { secretKey, webhookSecret } });
        }}
      >
        <div>
          <p className="text-sm font-medium">{t('payments.stripeHook')}</p>
          <div className="mt-1.5 flex items-center gap-2 rounded-md border bg-inset py-1 pr-1 pl-3">
            <code className="min-w-0 flex-1 font-mono text-xs break-all">{stripeWebhookUrl}</code>
            <CopyButton
              text={stripeWebhookUrl}
              label={t('action.copy')}
              doneLabel={t('action.copied')}
            />
          </div>
        </div>
        <TextField
          label={t('payments.stripeKey')}
          type="password"
          autoComplete="off"
          required
          minLength={8}
          value={secretKey}
          onChange={(event) => setSecretKey(event.target.value)}
        />
        <TextField
          label={t('payments.stripeSecret')}
          type="password"
          autoComplete="off"
          required
          minLength={8}
          value={webhookSecret}
          onChange={(event) => setWebhookSecret(event.target.value)}
        />
        {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" isBusy={set.isPending}>
            {t('action.save')}
          </Button>
          {stripe.isOn && (
            <Button variant="danger" onClick={() => set.mutate({ stripe: null })}>
              {t('payments.stripeRemove')}
            </Button>
          )}
        </div>
      </form>
    </Card>
  );
}
