/** Adds to the balance: an amount, then Stripe's page or the bank details of whoever runs this cloud. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Payment, PaymentOptions } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Switch } from '../ui/switch.tsx';
import { useCheckout } from './payments-checkout.ts';

const AMOUNTS = ['50', '100', '500', '1000'] as const;

export type TopUpProps = Readonly<{
  options: PaymentOptions;
  /** Where to read how to transfer. */
  onAnnounced: (payment: Payment) => void;
}>;

export function TopUp({ options, onAnnounced }: TopUpProps) {
  const { t } = useTranslation();
  const [first = 'manual'] = options.adapters;
  const [adapter, setAdapter] = useState(first);
  const [amount, setAmount] = useState('100');
  const [saves, setSaves] = useState(false);
  const pay = useCheckout(onAnnounced);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    pay.mutate({ amount: amount.trim(), adapter, savesMethod: saves });
  };
  return (
    <Card title={t('payments.topUpTitle')} description={t('payments.topUpText')}>
      <form onSubmit={onSubmit} className="space-y-4">
        <AmountFields options={options} amount={amount} onChange={setAmount} />
        {options.adapters.length > 1 && (
          <Segmented
            label={t('payments.by')}
            value={adapter}
            onChange={setAdapter}
            choices={options.adapters.map((each) => ({
              value: each,
              label: t(each === 'stripe' ? 'payments.card' : 'payments.transfer'),
            }))}
          />
        )}
        {adapter === 'stripe' ? (
          <Switch
            label={t('payments.saveCard')}
            hint={t('payments.saveCardHint')}
            isOn={saves}
            onChange={setSaves}
          />
        ) : (
          <p className="text-sm text-muted">{t('payments.transferText')}</p>
        )}
        {pay.error !== null && <Banner tone="bad">{describeFailure(pay.error)}</Banner>}
        <Button type="submit" variant="primary" isBusy={pay.isPending}>
          {t(adapter === 'stripe' ? 'payments.payNow' : 'payments.announce')}
        </Button>
      </form>
    </Card>
  );
}

type AmountFieldsProps = Readonly<{
  options: PaymentOptions;
  amount: string;
  onChange: (amount: string) => void;
}>;

function AmountFields({ options, amount, onChange }: AmountFieldsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency, least, most } = options;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {AMOUNTS.map((each) => (
          <Button
            key={each}
            size="sm"
            aria-pressed={amount === each}
            variant={amount === each ? 'primary' : 'secondary'}
            onClick={() => onChange(each)}
          >
            {format.moneyShort(each, currency)}
          </Button>
        ))}
      </div>
      <TextField
        label={t('payments.amount')}
        hint={t('payments.amountHint', {
          least: format.moneyShort(least, currency),
          most: format.moneyShort(most, currency),
        })}
        required
        inputMode="decimal"
        pattern={DECIMAL_PATTERN}
        value={amount}
        onChange={(event) => onChange(event.target.value)}
      />
    </>
  );
}
