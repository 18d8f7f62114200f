/** Amounts per million tokens, as text: money is never a number here. */
import { useTranslation } from 'react-i18next';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';

export type CostDraft = Readonly<{ input: string; output: string; cached: string }>;

export const NO_COST: CostDraft = { input: '', output: '', cached: '' };

const FIELDS = [
  { name: 'input', label: 'usage.input' },
  { name: 'output', label: 'usage.output' },
  { name: 'cached', label: 'usage.cached' },
] as const;

export type CostFieldsProps = Readonly<{
  draft: CostDraft;
  onChange: (draft: CostDraft) => void;
  isRequired: boolean;
}>;

export function CostFields({ draft, onChange, isRequired }: CostFieldsProps) {
  const { t } = useTranslation();
  const isGiven = isRequired || draft.input !== '' || draft.output !== '' || draft.cached !== '';
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      {FIELDS.map(({ name, label }) => (
        <TextField
          key={name}
          label={t('providers.costField', { what: t(label) })}
          hint={name === 'cached' ? t('price.optional') : t('price.unit')}
          required={isGiven && name !== 'cached'}
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={draft[name]}
          onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
        />
      ))}
    </div>
  );
}

export function parseCost(draft: CostDraft) {
  return {
    inputPerMillion: draft.input.trim(),
    outputPerMillion: draft.output.trim(),
    cacheReadPerMillion: draft.cached.trim() === '' ? null : draft.cached.trim(),
    reasoningPerMillion: null,
  };
}
