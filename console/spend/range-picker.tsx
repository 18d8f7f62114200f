/** Which days a report shows. */
import { useTranslation } from 'react-i18next';
import type { SpendRange } from '../search.ts';
import { Segmented } from '../ui/segmented.tsx';

export type RangePickerProps = Readonly<{
  range: SpendRange;
  onChange: (range: SpendRange) => void;
}>;

export function RangePicker({ range, onChange }: RangePickerProps) {
  const { t } = useTranslation();
  return (
    <Segmented
      label={t('usage.range')}
      value={range}
      onChange={onChange}
      choices={[
        { value: '7d', label: t('usage.week') },
        { value: '30d', label: t('usage.month') },
        { value: '90d', label: t('spend.quarter') },
      ]}
    />
  );
}
