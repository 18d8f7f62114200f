/** Coupons: how often they were redeemed, and new ones. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OFFERS_KEY } from '../billing/plans-queries.ts';
import { type Coupon, type CouponCreate, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import type { Currency } from '../format/currency.ts';
import { CurrencyField } from '../ui/currency-field.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { OfferForm } from './plans-form.tsx';
import { couponsQuery } from './plans-queries.ts';

type Kind = CouponCreate['kind'];
const KIND_LABELS = {
  amount: 'offers.couponAmount',
  top_up: 'offers.couponTopUp',
  usage: 'offers.couponUsage',
} as const;

export function Coupons() {
  const { t } = useTranslation();
  const { data = [] } = useQuery(couponsQuery);
  const [isNew, setIsNew] = useState(false);
  return (
    <Card
      isFlush
      title={t('offers.coupons')}
      description={t('offers.couponsText')}
      actions={
        <Button size="sm" onClick={() => setIsNew(true)}>
          {t('offers.newCoupon')}
        </Button>
      }
    >
      {data.length === 0 ? (
        <p className="px-5 pb-5 text-sm text-muted">{t('offers.couponsNone')}</p>
      ) : (
        <CouponTable coupons={data} />
      )}
      {isNew && <NewCoupon onClose={() => setIsNew(false)} />}
    </Card>
  );
}

function CouponTable({ coupons }: Readonly<{ coupons: readonly Coupon[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const archive = useMutation({
    mutationFn: (id: string) => cloud.coupons.archive(id),
    onSettled: () => queries.invalidateQueries({ queryKey: OFFERS_KEY }),
  });
  return (
    <Table
      label={t('offers.coupons')}
      columns={[
        { key: 'code', label: t('plans.code') },
        { key: 'gives', label: t('offers.gives') },
        { key: 'redeemed', label: t('offers.redemptions'), isNumber: true },
        { key: 'until', label: t('plans.until'), isNumber: true },
        { key: 'archive', label: '' },
      ]}
    >
      {coupons.map((coupon) => (
        <Row key={coupon.id} isDim={coupon.state === 'archived'}>
          <Cell className="font-mono text-xs">{coupon.code}</Cell>
          <Cell>
            {t(KIND_LABELS[coupon.kind], {
              percent: coupon.percent,
              amount: format.moneyShort(coupon.amount, coupon.currency),
            })}
          </Cell>
          <Cell isNumber>
            {format.number(coupon.redemptions)}
            {coupon.redemptionsMax !== null && ` / ${format.number(coupon.redemptionsMax)}`}
          </Cell>
          <Cell isNumber>
            {coupon.validUntil === null ? t('plans.never') : format.day(coupon.validUntil)}
          </Cell>
          <Cell className="text-right">
            {coupon.state === 'active' && (
              <Button size="sm" variant="ghost" onClick={() => archive.mutate(coupon.id)}>
                {t('offers.archive', { name: coupon.code })}
              </Button>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function NewCoupon({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [kind, setKind] = useState<Kind>('amount');
  const [amount, setAmount] = useState('');
  const [currency, setCurrency] = useState<Currency>('CNY');
  const [percent, setPercent] = useState('10');
  const [most, setMost] = useState('');
  const [days, setDays] = useState('');
  const send = () =>
    cloud.coupons.create({
      code: code.trim(),
      name: code.trim(),
      kind,
      currency,
      amount: amount.trim(),
      percent: kind === 'amount' ? null : Number(percent),
      redemptionsMax: most === '' ? null : Number(most),
      grantDays: days === '' ? null : Number(days),
    });
  return (
    <OfferForm
      title={t('offers.newCoupon')}
      done={t('offers.offered')}
      send={send}
      onClose={onClose}
    >
      <TextField
        label={t('plans.code')}
        required
        pattern="[A-Za-z0-9\-]{4,40}"
        hint={t('offers.codeHint')}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <Select<Kind>
        label={t('offers.kind')}
        value={kind}
        choices={[
          { value: 'amount', label: t('offers.kindAmount') },
          { value: 'top_up', label: t('offers.kindTopUp') },
          { value: 'usage', label: t('offers.kindUsage') },
        ]}
        onChange={setKind}
      />
      {kind !== 'amount' && (
        <TextField
          label={t('offers.percent')}
          required
          type="number"
          min={0.01}
          max={100}
          step={0.01}
          value={percent}
          onChange={(event) => setPercent(event.target.value)}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <AmountField kind={kind} value={amount} onChange={setAmount} />
        <CurrencyField value={currency} onChange={setCurrency} />
      </div>
      <Ends most={most} days={days} onMost={setMost} onDays={setDays} />
    </OfferForm>
  );
}

type AmountFieldProps = Readonly<{
  kind: Kind;
  value: string;
  onChange: (amount: string) => void;
}>;

function AmountField({ kind, value, onChange }: AmountFieldProps) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t(kind === 'amount' ? 'offers.worth' : 'offers.atMost')}
      required
      inputMode="decimal"
      pattern={DECIMAL_PATTERN}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

type EndsProps = Readonly<{
  most: string;
  days: string;
  onMost: (most: string) => void;
  onDays: (days: string) => void;
}>;

/** How often, and how long; empty stands for no end. */
function Ends({ most, days, onMost, onDays }: EndsProps) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={t('offers.redemptionsMax')}
        type="number"
        min={1}
        value={most}
        onChange={(event) => onMost(event.target.value)}
      />
      <TextField
        label={t('offers.grantDays')}
        type="number"
        min={1}
        value={days}
        onChange={(event) => onDays(event.target.value)}
      />
    </div>
  );
}
