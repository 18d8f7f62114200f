/** For a tenant whose models others pay for: what they earned, and the months in detail. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { earningsQuery, sharesQuery } from '../authors/queries.ts';
import { StatementDrawer } from '../authors/statement-drawer.tsx';
import { currentMonth, percentOf } from '../authors/share-text.ts';
import type { AuthorEarnings } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Tag } from '../ui/pill.tsx';
import { Segmented } from '../ui/segmented.tsx';

const route = getRouteApi('/signed-in/billing');

export function EarningsCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const { month } = route.useSearch();
  const navigate = useNavigate({ from: '/billing' });
  const [currency, setCurrency] = useState<string>();
  const { data } = useQuery(earningsQuery(currency));
  const { data: shares } = useQuery({ ...sharesQuery, enabled: data?.isAuthor === true });
  if (data === undefined || !data.isAuthor) return null;
  const money = (amount: string): string => format.moneyShort(amount, data.currency);
  const current = (shares?.data ?? []).filter(({ state }) => state === 'current');
  const setMonth = (next: string | undefined): void =>
    void navigate({
      search: ({ month: _before, ...rest }) =>
        next === undefined ? rest : { ...rest, month: next },
      resetScroll: false,
    });
  return (
    <Card
      title={t('authors.earnings')}
      description={t('authors.earningsText')}
      actions={
        <>
          <Currencies earnings={data} onChange={setCurrency} />
          <Button size="sm" onClick={() => setMonth(currentMonth())}>
            {t('authors.statement')}
          </Button>
        </>
      }
    >
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        {(
          [
            ['authors.payable', data.payable],
            ['authors.thisMonth', data.thisMonth],
            ['authors.earned', data.earned],
            ['authors.paid', data.paid],
          ] as const
        ).map(([label, amount]) => (
          <div key={label}>
            <dt className="text-sm text-muted">{t(label)}</dt>
            <dd className="text-base font-semibold tabular">{money(amount)}</dd>
          </div>
        ))}
      </dl>
      {current.length > 0 && (
        <p className="mt-4 flex flex-wrap gap-2">
          {current.map(({ id, modelName, basisPoints }) => (
            <Tag key={id}>
              {modelName ?? t('authors.everyOther')}
              {basisPoints !== null && ` · ${percentOf(basisPoints)}`}
            </Tag>
          ))}
        </p>
      )}
      {month !== undefined && (
        <StatementDrawer
          month={month}
          currency={data.currency}
          onMonth={setMonth}
          onClose={() => setMonth(undefined)}
        />
      )}
    </Card>
  );
}

type CurrenciesProps = Readonly<{
  earnings: AuthorEarnings;
  onChange: (currency: string) => void;
}>;

/** Payers pay in theirs; most authors earn in one. */
function Currencies({ earnings, onChange }: CurrenciesProps) {
  const { t } = useTranslation();
  if (earnings.currencies.length < 2) return null;
  return (
    <Segmented
      label={t('authors.currency')}
      value={earnings.currency}
      choices={earnings.currencies.map((each) => ({ value: each, label: each }))}
      onChange={onChange}
    />
  );
}
