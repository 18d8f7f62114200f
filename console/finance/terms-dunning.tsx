/** What happens when an invoice is not paid: steps, each some days after it fell due. */
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import type { DunningAction, StepDraft } from './terms-draft.ts';

const STEPS_MAX = 10;

const ACTIONS = [
  ['warn', 'terms.warn'],
  ['restrict', 'terms.restrict'],
  ['stop', 'terms.stop'],
] as const;

type TermsDunningProps = Readonly<{
  steps: readonly StepDraft[];
  onChange: (steps: readonly StepDraft[]) => void;
}>;

export function TermsDunning({ steps, onChange }: TermsDunningProps) {
  const { t } = useTranslation();
  const set = (index: number, part: Partial<StepDraft>): void =>
    onChange(steps.map((step, at) => (at === index ? { ...step, ...part } : step)));
  return (
    <fieldset className="space-y-2">
      <legend className="text-sm font-medium">{t('terms.dunning')}</legend>
      <p className="text-xs text-muted">{t('terms.dunningText')}</p>
      {steps.map((step, index) => (
        // Steps have no other name than their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="flex items-end gap-2">
          <TextField
            label={t('terms.afterDays')}
            type="number"
            required
            min={0}
            max={365}
            step={1}
            className="w-32"
            value={step.afterDays}
            onChange={(event) => set(index, { afterDays: event.target.value })}
          />
          <Select<DunningAction>
            label={t('terms.action', { step: index + 1 })}
            value={step.action}
            choices={ACTIONS.map(([value, label]) => ({ value, label: t(label) }))}
            onChange={(action) => set(index, { action })}
            className="flex-1"
          />
          <IconButton
            label={t('terms.removeStep', { step: index + 1 })}
            onClick={() => onChange(steps.filter((_, at) => at !== index))}
          >
            <CloseIcon />
          </IconButton>
        </div>
      ))}
      {steps.length < STEPS_MAX && (
        <Button size="sm" onClick={() => onChange([...steps, { afterDays: '', action: 'warn' }])}>
          {t('terms.addStep')}
        </Button>
      )}
    </fieldset>
  );
}
