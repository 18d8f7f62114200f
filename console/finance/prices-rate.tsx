/** One rate of a price: what it is for, when it applies, and its tiers. */
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/button.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { CloseIcon, PlusIcon, TrashIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import { NEW_RATE, type RateForm, type TierForm } from './price-form.ts';
import { CLASSES, MODES, TOKEN_DIRECTIONS, UNITS, useWords } from './prices-words.ts';

const WHOLE_PATTERN = String.raw`\d{1,12}`;

export type PriceRatesProps = Readonly<{
  rates: readonly RateForm[];
  onChange: (rates: readonly RateForm[]) => void;
  /** How tiers may apply; all ways where it is missing. */
  modes?: readonly RateForm['mode'][];
}>;

export function PriceRates({ rates, onChange, modes = MODES }: PriceRatesProps) {
  const { t } = useTranslation();
  return (
    <div className="space-y-3">
      {rates.map((rate, index) => (
        <PriceRateFields
          // Rates have no identity but their place while they are written.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          rate={rate}
          number={index + 1}
          modes={modes}
          onChange={(next) => onChange(rates.with(index, next))}
          onRemove={rates.length === 1 ? undefined : () => onChange(rates.toSpliced(index, 1))}
        />
      ))}
      <Button size="sm" onClick={() => onChange([...rates, NEW_RATE])}>
        <PlusIcon />
        {t('prices.addRate')}
      </Button>
    </div>
  );
}

type PriceRateFieldsProps = Readonly<{
  rate: RateForm;
  number: number;
  modes: readonly RateForm['mode'][];
  onChange: (rate: RateForm) => void;
  /** Missing for the last one. */
  onRemove: (() => void) | undefined;
}>;

function PriceRateFields(props: PriceRateFieldsProps) {
  const { rate, number, modes, onChange, onRemove } = props;
  const { t } = useTranslation();
  const words = useWords();
  const isToken = rate.unit === 'token';
  const directions = isToken ? TOKEN_DIRECTIONS : (['input', 'output'] as const);
  return (
    <fieldset className="min-w-0 space-y-3 rounded-xl border p-4">
      <legend className="sr-only">{t('prices.rateNumber', { number })}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <Select
          label={t('prices.unit')}
          size="sm"
          value={rate.unit}
          choices={UNITS.map((value) => ({ value, label: words(value) }))}
          onChange={(unit) => onChange(withUnit(rate, unit))}
        />
        <Select
          label={t('prices.direction')}
          size="sm"
          value={rate.direction}
          choices={directions.map((value) => ({ value, label: words(value) }))}
          onChange={(direction) => onChange({ ...rate, direction })}
        />
        <Select
          label={t('prices.tiers')}
          size="sm"
          value={rate.mode}
          choices={modes.map((value) => ({ value, label: words(value) }))}
          onChange={(mode) =>
            onChange({
              ...rate,
              mode,
              // A package has one price.
              tiers: mode === 'package' ? rate.tiers.slice(-1) : rate.tiers,
            })
          }
        />
        <span className="flex-1" />
        {onRemove !== undefined && (
          <IconButton
            size="sm"
            variant="ghost"
            label={t('prices.removeRate', { number })}
            onClick={onRemove}
          >
            <TrashIcon />
          </IconButton>
        )}
      </div>
      <Conditions rate={rate} onChange={onChange} />
      <Tiers rate={rate} onChange={onChange} />
    </fieldset>
  );
}

type PartProps = Pick<PriceRateFieldsProps, 'rate' | 'onChange'>;

/** Of a token a price is for a million, of all else for one; a direction that the unit has not is dropped. */
function withUnit(rate: RateForm, unit: RateForm['unit']): RateForm {
  const isToken = unit === 'token';
  const isOutput = rate.direction === 'output' || rate.direction === 'reasoning';
  const direction = isToken ? rate.direction : isOutput ? 'output' : 'input';
  const isMany = isToken || unit === 'training_token';
  return { ...rate, unit, direction, per: isMany ? '1000000' : '1' };
}

function Conditions({ rate, onChange }: PartProps) {
  const { t } = useTranslation();
  const isCache = rate.unit === 'token' && rate.direction.startsWith('cache');
  const any = { value: 'any', label: t('prices.any') } as const;
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
      <span>{t('prices.when')}</span>
      {rate.unit === 'token' && (
        <Select
          label={t('prices.thinking')}
          size="sm"
          value={rate.isThinking}
          choices={[
            { value: 'any', label: t('prices.thinkingOrNot') },
            { value: 'yes', label: t('prices.thinking') },
            { value: 'no', label: t('prices.notThinking') },
          ]}
          onChange={(isThinking) => onChange({ ...rate, isThinking })}
        />
      )}
      {isCache && <CacheConditions rate={rate} onChange={onChange} />}
      {(rate.unit === 'image' || rate.unit === 'video_second') && (
        <input
          aria-label={t('prices.resolution')}
          placeholder={t('prices.anyResolution')}
          className="h-7 w-36 rounded-md border border-line-strong bg-surface px-2.5 text-xs text-ink"
          value={rate.resolution}
          onChange={(event) => onChange({ ...rate, resolution: event.target.value })}
        />
      )}
      <Select
        label={t('prices.serviceTier')}
        size="sm"
        value={rate.serviceTier}
        choices={[
          { ...any, label: t('prices.anyClass') },
          ...(['default', ...CLASSES] as const).map((value) => ({ value, label: value })),
        ]}
        onChange={(serviceTier) => onChange({ ...rate, serviceTier })}
      />
    </div>
  );
}

function CacheConditions({ rate, onChange }: PartProps) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <>
      <Select
        label={t('prices.cacheKind')}
        size="sm"
        value={rate.cacheKind}
        choices={[
          { value: 'any', label: t('prices.anyCache') },
          { value: 'implicit', label: words('implicit') },
          { value: 'explicit', label: words('explicit') },
        ]}
        onChange={(cacheKind) => onChange({ ...rate, cacheKind })}
      />
      {rate.direction === 'cache_write' && (
        <Select
          label={t('prices.cacheTtl')}
          size="sm"
          value={rate.cacheTtl}
          choices={[
            { value: 'any', label: t('prices.anyTtl') },
            { value: '5m', label: words('5m') },
            { value: '1h', label: words('1h') },
          ]}
          onChange={(cacheTtl) => onChange({ ...rate, cacheTtl })}
        />
      )}
    </>
  );
}

function Tiers({ rate, onChange }: PartProps) {
  const { t } = useTranslation();
  const { tiers } = rate;
  return (
    <div className="space-y-2">
      {tiers.map((tier, index) => (
        <TierFields
          // Tiers have no identity but their place while they are written.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          rate={rate}
          index={index}
          tier={tier}
          onChange={onChange}
        />
      ))}
      {rate.mode !== 'package' && (
        <Button
          size="sm"
          variant="ghost"
          onClick={() => onChange({ ...rate, tiers: [...tiers, { upTo: '', amount: '' }] })}
        >
          <PlusIcon />
          {t('prices.addTier')}
        </Button>
      )}
    </div>
  );
}

type TierFieldsProps = PartProps & Readonly<{ index: number; tier: TierForm }>;

function TierFields({ rate, index, tier, onChange }: TierFieldsProps) {
  const { t } = useTranslation();
  const { tiers } = rate;
  const isFirst = index === 0;
  const isLast = index === tiers.length - 1;
  const change = (next: TierForm): void => onChange({ ...rate, tiers: tiers.with(index, next) });
  return (
    <div className="flex items-end gap-2">
      {tiers.length > 1 && (
        <TextField
          label={isFirst ? t('prices.upTo') : <Hidden>{t('prices.upTo')}</Hidden>}
          className="w-24 sm:w-32"
          required={!isLast}
          disabled={isLast}
          inputMode="numeric"
          pattern={WHOLE_PATTERN}
          placeholder={isLast ? t('prices.larger') : '32000'}
          value={isLast ? '' : tier.upTo}
          onChange={(event) => change({ ...tier, upTo: event.target.value })}
        />
      )}
      <TextField
        label={isFirst ? t('prices.amount') : <Hidden>{t('prices.amount')}</Hidden>}
        className="flex-1"
        required
        inputMode="decimal"
        pattern={DECIMAL_PATTERN}
        value={tier.amount}
        onChange={(event) => change({ ...tier, amount: event.target.value })}
      />
      {isFirst && (
        <TextField
          label={t('prices.per')}
          className="w-20 sm:w-28"
          required
          inputMode="numeric"
          pattern={WHOLE_PATTERN}
          value={rate.per}
          onChange={(event) => onChange({ ...rate, per: event.target.value })}
        />
      )}
      {!isFirst && (
        <span className="flex w-20 sm:w-28">
          <IconButton
            variant="ghost"
            label={t('prices.removeTier', { number: index + 1 })}
            onClick={() => onChange({ ...rate, tiers: tiers.toSpliced(index, 1) })}
          >
            <CloseIcon />
          </IconButton>
        </span>
      )}
    </div>
  );
}

/** The label of a column stands over its first row; every field has its own for readers. */
function Hidden({ children }: Readonly<{ children: string }>) {
  return <span className="sr-only">{children}</span>;
}
