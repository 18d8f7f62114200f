/** For who comes back from Stripe's page: whether the money came, and what to do where it did not. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Payment } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Banner, type BannerProps } from '../ui/notice.tsx';
import { paymentQuery } from './payments-queries.ts';

const route = getRouteApi('/signed-in/billing');

export function PaymentReturn({ onOpen }: Readonly<{ onOpen: (payment: Payment) => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate({ from: '/billing' });
  const { payment: id = '', canceled = false } = route.useSearch();
  const { data } = useQuery({ ...paymentQuery(id), enabled: id !== '' });
  if (id === '' || data === undefined) return null;
  const { tone, title, text } = wordsOf(data, canceled);
  const leave = (): void =>
    void navigate({
      search: ({ payment: _payment, canceled: _canceled, ...rest }) => rest,
      replace: true,
      resetScroll: false,
    });
  return (
    <Banner
      tone={tone}
      title={t(title, { amount: format.money(data.amount, data.currency) })}
      action={
        <span className="flex shrink-0 flex-wrap justify-end gap-2">
          <Button size="sm" variant="ghost" onClick={() => onOpen(data)}>
            {t('payments.receipt')}
          </Button>
          <Button size="sm" onClick={leave}>
            {t('action.close')}
          </Button>
        </span>
      }
    >
      {t(text)}
    </Banner>
  );
}

const WORDS = {
  succeeded: ['good', 'payments.returnPaid', 'payments.returnPaidText'],
  open: ['info', 'payments.returnOpen', 'payments.returnOpenText'],
  failed: ['bad', 'payments.returnFailed', 'payments.returnFailedText'],
  expired: ['warn', 'payments.returnExpired', 'payments.returnCanceledText'],
  quarantined: ['warn', 'payments.returnAside', 'payments.returnAsideText'],
  canceled: ['info', 'payments.returnCanceled', 'payments.returnCanceledText'],
} as const satisfies Record<string, readonly [BannerProps['tone'], string, string]>;

/** Who left Stripe's page may have paid in another window: what the cloud knows comes first. */
function wordsOf({ state }: Payment, isCanceled: boolean) {
  const [tone, title, text] = WORDS[state === 'open' && isCanceled ? 'canceled' : state];
  return { tone, title, text };
}
