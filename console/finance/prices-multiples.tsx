/** What classes of service and regions cost, as multiples of a price. */
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { CloseIcon, PlusIcon } from '../ui/icons.tsx';
import type { FormPartProps } from './prices-editor.tsx';
import { CLASSES } from './prices-words.ts';

const MULTIPLE_PATTERN = String.raw`\d{1,4}(\.\d{1,6})?`;
const USUAL = { flex: '0.5', priority: '2', batch: '0.5' } as const;

export function PriceMultiples({ form, onChange }: FormPartProps) {
  const { t } = useTranslation();
  const { classes, regions } = form;
  return (
    <div className="space-y-4">
      <fieldset className="grid min-w-0 grid-cols-3 gap-3">
        <legend className="col-span-3 pb-2 text-sm font-medium">{t('prices.classes')}</legend>
        {CLASSES.map((name) => (
          <TextField
            key={name}
            label={name}
            inputMode="decimal"
            pattern={MULTIPLE_PATTERN}
            placeholder={`× ${USUAL[name]}`}
            value={classes[name]}
            onChange={(event) =>
              onChange({ ...form, classes: { ...classes, [name]: event.target.value } })
            }
          />
        ))}
      </fieldset>
      {regions.map((region, index) => (
        // Regions have no identity but their place while they are written.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="flex items-end gap-3">
          <TextField
            label={t('prices.region')}
            className="flex-1"
            value={region.name}
            onChange={(event) =>
              onChange({
                ...form,
                regions: regions.with(index, { ...region, name: event.target.value }),
              })
            }
          />
          <TextField
            label={t('prices.times')}
            className="flex-1"
            inputMode="decimal"
            pattern={MULTIPLE_PATTERN}
            placeholder="1.1"
            value={region.times}
            onChange={(event) =>
              onChange({
                ...form,
                regions: regions.with(index, { ...region, times: event.target.value }),
              })
            }
          />
          <IconButton
            variant="ghost"
            label={t('prices.removeRegion', { number: index + 1 })}
            onClick={() => onChange({ ...form, regions: regions.toSpliced(index, 1) })}
          >
            <CloseIcon />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        variant="ghost"
        onClick={() => onChange({ ...form, regions: [...regions, { name: '', times: '' }] })}
      >
        <PlusIcon />
        {t('prices.addRegion')}
      </Button>
    </div>
  );
}
