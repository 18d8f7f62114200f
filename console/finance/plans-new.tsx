/** The forms of a new plan and a new savings plan. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PlanCreate, cloud } from '../cloud.ts';
import { PERIOD_LABELS } from '../billing/plans-queries.ts';
import type { Currency } from '../format/currency.ts';
import { CurrencyField } from '../ui/currency-field.tsx';
import { DECIMAL_PATTERN, TextAreaField, TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { OfferForm, readModels } from './plans-form.tsx';

const PERIODS = ['5_hours', 'week', 'month'] as const;
type Period = (typeof PERIODS)[number];
type Unit = PlanCreate['unit'];
type AtEnd = PlanCreate['atEnd'];
type AllowanceTexts = Readonly<Record<Period, string>>;

export function NewPlan({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [price, setPrice] = useState('');
  const [currency, setCurrency] = useState<Currency>('CNY');
  const [unit, setUnit] = useState<Unit>('token');
  const [atEnd, setAtEnd] = useState<AtEnd>('overage');
  const [models, setModels] = useState('');
  const [allowances, setAllowances] = useState<AllowanceTexts>({
    '5_hours': '',
    week: '',
    month: '',
  });
  const send = () =>
    cloud.plans.create({
      name,
      currency,
      price: price.trim(),
      unit,
      atEnd,
      models: readModels(models),
      windows: PERIODS.flatMap((period) => {
        const allowance = allowances[period].trim();
        return allowance === '' ? [] : [{ period, allowance }];
      }),
    });
  return (
    <OfferForm title={t('offers.newPlan')} done={t('offers.offered')} send={send} onClose={onClose}>
      <TextField
        label={t('offers.name')}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('offers.priceMonth')}
          required
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={price}
          onChange={(event) => setPrice(event.target.value)}
        />
        <CurrencyField value={currency} onChange={setCurrency} />
      </div>
      <Terms unit={unit} atEnd={atEnd} onUnit={setUnit} onAtEnd={setAtEnd} />
      <Allowances value={allowances} onChange={setAllowances} />
      <ModelsField value={models} onChange={setModels} />
    </OfferForm>
  );
}

type TermsProps = Readonly<{
  unit: Unit;
  atEnd: AtEnd;
  onUnit: (unit: Unit) => void;
  onAtEnd: (atEnd: AtEnd) => void;
}>;

function Terms({ unit, atEnd, onUnit, onAtEnd }: TermsProps) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Select<Unit>
        label={t('offers.unit')}
        value={unit}
        choices={[
          { value: 'token', label: t('offers.unitToken') },
          { value: 'amount', label: t('offers.unitAmount') },
        ]}
        onChange={onUnit}
      />
      <Select<AtEnd>
        label={t('plans.afterThat')}
        value={atEnd}
        choices={[
          { value: 'overage', label: t('plans.atEndOverage') },
          { value: 'block', label: t('plans.atEndBlock') },
        ]}
        onChange={onAtEnd}
      />
    </div>
  );
}

/** What is left empty is no window of the plan. */
function Allowances({
  value,
  onChange,
}: Readonly<{ value: AllowanceTexts; onChange: (value: AllowanceTexts) => void }>) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {PERIODS.map((period) => (
        <TextField
          key={period}
          label={t(PERIOD_LABELS[period])}
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={value[period]}
          onChange={(event) => onChange({ ...value, [period]: event.target.value })}
        />
      ))}
    </div>
  );
}

export function NewSavingsPlan({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [amount, setAmount] = useState('');
  const [currency, setCurrency] = useState<Currency>('CNY');
  const [discount, setDiscount] = useState('10');
  const [months, setMonths] = useState('12');
  const [models, setModels] = useState('');
  const send = () =>
    cloud.savingsPlans.create({
      name,
      currency,
      amount: amount.trim(),
      discountPercent: Number(discount),
      months: Number(months),
      models: readModels(models),
    });
  return (
    <OfferForm
      title={t('offers.newSavings')}
      done={t('offers.offered')}
      send={send}
      onClose={onClose}
    >
      <TextField
        label={t('offers.name')}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('offers.worth')}
          required
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <CurrencyField value={currency} onChange={setCurrency} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('offers.discount')}
          required
          type="number"
          min={0}
          max={99.99}
          step={0.01}
          value={discount}
          onChange={(event) => setDiscount(event.target.value)}
        />
        <TextField
          label={t('offers.months')}
          required
          type="number"
          min={1}
          max={60}
          value={months}
          onChange={(event) => setMonths(event.target.value)}
        />
      </div>
      <ModelsField value={models} onChange={setModels} />
    </OfferForm>
  );
}

export function ModelsField({
  value,
  onChange,
}: Readonly<{ value: string; onChange: (value: string) => void }>) {
  const { t } = useTranslation();
  return (
    <TextAreaField
      label={t('plans.models')}
      hint={t('offers.modelsHint')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
