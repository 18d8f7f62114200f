/** The tax of a tenant's invoices. A change begins now, and holds for every month that is not closed. */
import { useTranslation } from 'react-i18next';
import type { BillingTerms } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { TextField } from '../ui/field.tsx';
import { Segmented } from '../ui/segmented.tsx';
import type { TaxMode, TermsDraft } from './terms-draft.ts';

type TermsTaxProps = Readonly<{
  draft: TermsDraft;
  current: BillingTerms['taxRates'][number] | undefined;
  onChange: (part: Partial<TermsDraft>) => void;
}>;

export function TermsTax({ draft, current, onChange }: TermsTaxProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const choices: { value: TaxMode | 'none'; label: string }[] = [
    // What was set once is ended by an exemption, which says why.
    ...(current === undefined ? [{ value: 'none' as const, label: t('terms.taxNone') }] : []),
    { value: 'exclusive', label: t('terms.taxExclusive') },
    { value: 'inclusive', label: t('terms.taxInclusive') },
    { value: 'exempt', label: t('terms.taxExempt') },
  ];
  const { taxMode } = draft;
  return (
    <fieldset className="space-y-3">
      <legend className="mb-1.5 text-sm font-medium">{t('invoices.tax')}</legend>
      <Segmented<TaxMode | 'none'>
        label={t('invoices.tax')}
        value={taxMode}
        choices={choices}
        onChange={(next) => onChange({ taxMode: next })}
      />
      {taxMode !== 'none' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('terms.taxName')}
            required
            maxLength={50}
            value={draft.taxName}
            onChange={(event) => onChange({ taxName: event.target.value })}
          />
          {taxMode === 'exempt' ? (
            <TextField
              label={t('terms.taxReason')}
              required
              maxLength={200}
              value={draft.taxReason}
              onChange={(event) => onChange({ taxReason: event.target.value })}
            />
          ) : (
            <TextField
              label={t('terms.taxRate')}
              required
              inputMode="decimal"
              pattern={String.raw`\d{1,2}(\.\d{1,4})?|100`}
              value={draft.taxRate}
              onChange={(event) => onChange({ taxRate: event.target.value })}
            />
          )}
        </div>
      )}
      {current !== undefined && (
        <p className="text-xs text-muted">
          {t('terms.taxSince', { time: format.time(current.effectiveFrom) })}
        </p>
      )}
    </fieldset>
  );
}
