/** What calls earned and what they cost, by model, tenant and day. */
import { useTranslation } from 'react-i18next';
import { ChartIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function RevenueTab() {
  const { t } = useTranslation();
  return <Empty icon={ChartIcon} title={t('finance.revenueNone')} />;
}
