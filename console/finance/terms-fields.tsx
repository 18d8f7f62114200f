/** When a tenant pays, by which clock its months begin, and in which language its papers are. */
import { useTranslation } from 'react-i18next';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Segmented } from '../ui/segmented.tsx';
import type { TermsDraft } from './terms-draft.ts';

type TermsFieldsProps = Readonly<{
  draft: TermsDraft;
  onChange: (part: Partial<TermsDraft>) => void;
}>;

export function TermsFields(props: TermsFieldsProps) {
  return (
    <>
      <Payment {...props} />
      <Months {...props} />
    </>
  );
}

function Payment({ draft, onChange }: TermsFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <p className="mb-1.5 text-sm font-medium">{t('terms.mode')}</p>
        <Segmented
          label={t('terms.mode')}
          value={draft.mode}
          choices={[
            { value: 'prepaid', label: t('terms.prepaid') },
            { value: 'postpaid', label: t('terms.postpaid') },
          ]}
          onChange={(mode) => onChange({ mode })}
        />
      </div>
      {draft.mode === 'postpaid' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('terms.creditLine')}
            hint={t('terms.creditLineHint')}
            required
            inputMode="decimal"
            pattern={DECIMAL_PATTERN}
            value={draft.creditLine}
            onChange={(event) => onChange({ creditLine: event.target.value })}
          />
          <NumberField
            label={t('terms.dueDays')}
            max={365}
            value={draft.dueDays}
            onChange={(dueDays) => onChange({ dueDays })}
          />
        </div>
      )}
    </>
  );
}

function Months({ draft, onChange }: TermsFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('terms.timeZone')}
          hint={t('terms.timeZoneHint')}
          required
          list="time-zones"
          value={draft.timeZone}
          onChange={(event) => onChange({ timeZone: event.target.value })}
        />
        <NumberField
          label={t('terms.graceHours')}
          hint={t('terms.graceHoursHint')}
          max={240}
          value={draft.graceHours}
          onChange={(graceHours) => onChange({ graceHours })}
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </datalist>
      </div>
      <div>
        <p className="mb-1.5 text-sm font-medium">{t('terms.language')}</p>
        <Segmented
          label={t('terms.language')}
          value={draft.language}
          choices={[
            { value: 'en', label: 'English' },
            { value: 'zh-CN', label: '简体中文' },
          ]}
          onChange={(language) => onChange({ language })}
        />
      </div>
    </>
  );
}

type NumberFieldProps = Readonly<{
  label: string;
  hint?: string;
  max: number;
  value: string;
  onChange: (value: string) => void;
}>;

function NumberField({ label, hint, max, value, onChange }: NumberFieldProps) {
  return (
    <TextField
      label={label}
      type="number"
      required
      min={0}
      max={max}
      step={1}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}
