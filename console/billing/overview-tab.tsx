/** What is there to spend, how fast it goes, and when it ends. */
import { useTranslation } from 'react-i18next';
import { ReceiptIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function OverviewTab() {
  const { t } = useTranslation();
  return <Empty icon={ReceiptIcon} title={t('billing.overviewNone')} />;
}
