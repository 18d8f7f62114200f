/** What may be spent besides the balance, source by source in the order in which they pay. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CreditSummary, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { notify } from '../ui/toast.tsx';
import { CREDITS_KEY, SOURCE_LABELS, UNIT_LABELS } from './plans-queries.ts';

export function CreditSources({ summary }: Readonly<{ summary: CreditSummary }>) {
  const { t } = useTranslation();
  return (
    <Card title={t('plans.credits')} description={t('plans.creditsText')} isFlush>
      <ol className="flex flex-wrap gap-x-2 gap-y-1 px-5 pb-4 text-sm text-muted">
        {summary.sources.map(({ source, count }, index) => (
          <li key={source}>
            {index > 0 && <span aria-hidden="true">→ </span>}
            <span className={count > 0 ? 'font-medium text-ink' : ''}>
              {t(SOURCE_LABELS[source])}
            </span>
          </li>
        ))}
        <li>
          <span aria-hidden="true">→ </span>
          {t('plans.cash')}
        </li>
      </ol>
      <SourceTable summary={summary} />
      {summary.waiting.map(({ coupon, percent }) => (
        <div key={coupon} className="px-5 pb-4">
          <Banner tone="info">{t('plans.waiting', { coupon, percent })}</Banner>
        </div>
      ))}
    </Card>
  );
}

function SourceTable({ summary }: Readonly<{ summary: CreditSummary }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const until = (iso: string | null): string => (iso === null ? t('plans.never') : format.day(iso));
  const { freeQuotas, grants } = summary;
  if (freeQuotas.length + grants.length === 0) {
    return <p className="px-5 pb-5 text-sm text-muted">{t('plans.creditsNone')}</p>;
  }
  return (
    <Table
      label={t('plans.credits')}
      columns={[
        { key: 'what', label: t('plans.what') },
        { key: 'scope', label: t('plans.scope') },
        { key: 'left', label: t('plans.left'), isNumber: true },
        { key: 'until', label: t('plans.until'), isNumber: true },
      ]}
    >
      {freeQuotas.map((quota) => (
        <Row key={quota.id} isDim={quota.used >= quota.units}>
          <Cell>{t('plans.freeQuota')}</Cell>
          <Cell>{quota.model}</Cell>
          <Cell isNumber>
            {t('plans.leftOf', {
              left: format.number(quota.units - quota.used),
              all: format.number(quota.units),
              unit: t(UNIT_LABELS[quota.unit]),
            })}
          </Cell>
          <Cell isNumber>{until(quota.expiresAt)}</Cell>
        </Row>
      ))}
      {grants.map((grant) => (
        <Row key={grant.id}>
          <Cell>{grant.name}</Cell>
          <Cell>
            {grant.percent < 100 && t('plans.ofEachCall', { percent: grant.percent })}{' '}
            {grant.models?.join(', ') ?? t('plans.allModels')}
          </Cell>
          <Cell isNumber>{format.moneyShort(grant.remaining, grant.currency)}</Cell>
          <Cell isNumber>{until(grant.expiresAt)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

export function RedeemCoupon() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const redeem = useMutation({
    mutationFn: () => cloud.coupons.redeem(code.trim()),
    onSuccess: async ({ coupon }) => {
      notify(t('plans.redeemed', { coupon }));
      setCode('');
      await queries.invalidateQueries({ queryKey: CREDITS_KEY });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    redeem.mutate();
  };
  return (
    <Card title={t('plans.coupon')} description={t('plans.couponText')}>
      <form onSubmit={onSubmit} className="flex flex-wrap items-end gap-2">
        <TextField
          className="flex-1"
          label={t('plans.code')}
          required
          autoComplete="off"
          maxLength={60}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" isBusy={redeem.isPending}>
          {t('plans.redeem')}
        </Button>
      </form>
    </Card>
  );
}

export function FreeOnly({ summary }: Readonly<{ summary: CreditSummary }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (isOn: boolean) => cloud.creditSummary.setFreeQuotaOnly(isOn),
    onSettled: () => queries.invalidateQueries({ queryKey: CREDITS_KEY }),
  });
  return (
    <Card>
      <Switch
        label={t('plans.freeOnly')}
        hint={t('plans.freeOnlyHint')}
        isOn={summary.freeQuotaOnly}
        onChange={(isOn) => set.mutate(isOn)}
      />
    </Card>
  );
}
