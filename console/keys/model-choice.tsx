/** Which models a key may call: none chosen means all. */
import { useTranslation } from 'react-i18next';
import { classNames } from '../ui/class-names.ts';
import { CheckIcon } from '../ui/icons.tsx';

export type ModelChoiceProps = Readonly<{
  names: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}>;

export function ModelChoice({ names, chosen, onChange }: ModelChoiceProps) {
  const { t } = useTranslation();
  const toggle = (name: string): void =>
    onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{t('nav.models')}</legend>
      <div className="flex flex-wrap gap-1.5">
        {names.map((name) => {
          const isChosen = chosen.includes(name);
          return (
            <button
              key={name}
              type="button"
              aria-pressed={isChosen}
              onClick={() => toggle(name)}
              className={classNames(
                'inline-flex h-7 items-center gap-1.5 rounded-md border px-2.5 text-xs',
                isChosen
                  ? 'border-accent-line bg-accent-soft text-accent'
                  : 'border-line-strong text-muted hover:text-ink',
              )}
            >
              {isChosen && <CheckIcon className="size-3.5" />}
              {name}
            </button>
          );
        })}
      </div>
      <p className="mt-1.5 text-xs text-muted">
        {chosen.length === 0 ? t('keys.allModelsHint') : t('keys.someModelsHint')}
      </p>
    </fieldset>
  );
}
