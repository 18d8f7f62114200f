/** The rows of a route's form: targets with their weights, and fallbacks in the order they are tried. */
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { ArrowUpIcon, PlusIcon, TrashIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import { type Draft, type WeightedDraft, moved } from './draft.ts';
import { useTargetChoices } from './use-target-choices.ts';

/** What the API takes; more is refused there anyway. */
const TARGETS_MAX = 16;
const FALLBACKS_MAX = 8;

type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

export type TargetSelectProps = Readonly<{
  ownName: string;
  value: string;
  onChange: (target: string) => void;
  id?: string;
}>;

export function TargetSelect({ ownName, value, onChange, id }: TargetSelectProps) {
  const { t } = useTranslation();
  const choices = useTargetChoices(ownName);
  // What is not there any more stays visible, so that it can be seen and replaced.
  const isKnown = value === '' || choices.some((choice) => choice.value === value);
  return (
    <Select
      {...(id === undefined ? {} : { id })}
      label={t('routing.target')}
      placeholder={t('routing.choose')}
      className="w-full min-w-0"
      value={value}
      onChange={onChange}
      choices={isKnown ? choices : [...choices, { value, label: value }]}
    />
  );
}

export function TargetFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const { targets } = draft;
  const put = (index: number, part: Partial<WeightedDraft>): void =>
    change({ targets: targets.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1.5 text-sm font-medium">{t('routing.targets')}</legend>
      {targets.map((row, index) => (
        // Rows have no name of their own: two may be empty.
        <div key={index} className="flex items-center gap-2">
          <div className="min-w-0 flex-1">
            <TargetSelect
              ownName={draft.name}
              value={row.target}
              onChange={(target) => put(index, { target })}
            />
          </div>
          <input
            aria-label={t('routing.weightOf', { name: row.target })}
            inputMode="numeric"
            value={row.weight}
            onChange={(event) => put(index, { weight: event.target.value })}
            className={classNames(INPUT_CLASS, 'h-9 w-20! shrink-0 text-right tabular')}
          />
          <IconButton
            label={t('routing.removeTarget')}
            disabled={targets.length === 1}
            onClick={() => change({ targets: targets.toSpliced(index, 1) })}
          >
            <TrashIcon />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        disabled={targets.length >= TARGETS_MAX}
        onClick={() => change({ targets: [...targets, { target: '', weight: '1' }] })}
      >
        <PlusIcon />
        {t('routing.addTarget')}
      </Button>
    </fieldset>
  );
}

export function FallbackFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const { fallbacks } = draft;
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1.5 text-sm font-medium">{t('routing.fallbacks')}</legend>
      {fallbacks.length === 0 && <p className="text-xs text-muted">{t('routing.noFallbacks')}</p>}
      {fallbacks.map((target, index) => (
        <div key={index} className="flex items-center gap-2">
          <span className="w-4 shrink-0 text-right text-xs text-faint tabular">{index + 1}</span>
          <div className="min-w-0 flex-1">
            <TargetSelect
              ownName={draft.name}
              value={target}
              onChange={(next) => change({ fallbacks: fallbacks.with(index, next) })}
            />
          </div>
          <IconButton
            label={t('routing.earlier')}
            disabled={index === 0}
            onClick={() => change({ fallbacks: moved(fallbacks, index, -1) })}
          >
            <ArrowUpIcon />
          </IconButton>
          <IconButton
            label={t('routing.removeFallback')}
            onClick={() => change({ fallbacks: fallbacks.toSpliced(index, 1) })}
          >
            <TrashIcon />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        disabled={fallbacks.length >= FALLBACKS_MAX}
        onClick={() => change({ fallbacks: [...fallbacks, ''] })}
      >
        <PlusIcon />
        {t('routing.addFallback')}
      </Button>
    </fieldset>
  );
}
