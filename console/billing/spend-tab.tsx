/** What was spent, by model, key, project and day. */
import { useTranslation } from 'react-i18next';
import { ChartIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function SpendTab() {
  const { t } = useTranslation();
  return <Empty icon={ChartIcon} title={t('billing.spendNone')} />;
}
