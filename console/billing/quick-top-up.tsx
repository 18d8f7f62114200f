/** One press and one is at the payment; every other way is a tab away. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Payment } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { approximateMoney } from '../format/money.ts';
import { describeFailure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { useCheckout } from './payments-checkout.ts';
import { paymentOptionsQuery } from './payments-queries.ts';
import { Receipt } from './payments-receipt.tsx';

const AMOUNTS = ['50', '100', '500'] as const;

export function QuickTopUp() {
  const { t } = useTranslation();
  const format = useFormat();
  const { role } = useMe();
  const [open, setOpen] = useState<Payment | null>(null);
  const { data: options } = useQuery(paymentOptionsQuery);
  const pay = useCheckout(setOpen);
  const mayPay = maySee(role, 'pricing') && options !== undefined && options.adapters.length > 0;
  const amounts = mayPay
    ? AMOUNTS.filter((each) => isBetween(each, options.least, options.most))
    : [];
  return (
    <Card title={t('spend.topUp')} description={t('spend.topUpText')}>
      {options?.adapters.length === 0 && (
        <p className="mb-3 text-sm text-muted">{t('payments.offText')}</p>
      )}
      <div className="flex flex-wrap gap-2">
        {amounts.map((amount) => (
          <Button
            key={amount}
            size="sm"
            aria-label={t('spend.topUpBy', {
              amount: format.moneyShort(amount, options?.currency ?? ''),
            })}
            isBusy={pay.isPending && pay.variables.amount === amount}
            disabled={pay.isPending}
            onClick={() => pay.mutate({ amount })}
          >
            {format.moneyShort(amount, options?.currency ?? '')}
          </Button>
        ))}
        <Link to="/billing" search={{ tab: 'payments' }} className={buttonClass('primary', 'sm')}>
          {t(amounts.length > 0 ? 'spend.topUpOther' : 'spend.topUpAction')}
        </Link>
      </div>
      {pay.error !== null && (
        <div className="mt-3">
          <Banner tone="bad">{describeFailure(pay.error)}</Banner>
        </div>
      )}
      {open !== null && (
        <Receipt
          payment={open}
          bankDetails={options?.bankDetails ?? null}
          onClose={() => setOpen(null)}
        />
      )}
    </Card>
  );
}

/** Amounts on buttons are whole, so that rounding decides nothing. */
function isBetween(amount: string, least: string, most: string): boolean {
  const [value, low, high] = [amount, least, most].map(approximateMoney);
  return value !== undefined && value >= (low ?? 0) && value <= (high ?? Infinity);
}
