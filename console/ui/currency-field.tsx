/** Which currency: of a tenant, a price or an offer. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { CURRENCIES, type Currency } from '../format/currency.ts';
import { Field } from './field.tsx';
import { Select } from './select.tsx';

type CurrencyFieldProps = Readonly<{
  value: Currency;
  onChange: (currency: Currency) => void;
  hint?: string;
}>;

export function CurrencyField({ value, onChange, hint }: CurrencyFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Field id={id} label={t('tenants.currency')} {...(hint === undefined ? {} : { hint })}>
      <Select
        id={id}
        label={t('tenants.currency')}
        value={value}
        onChange={onChange}
        choices={CURRENCIES.map((code) => ({ value: code, label: code }))}
      />
    </Field>
  );
}
