/** What may be spent, and who is told when it nears. */
import { useTranslation } from 'react-i18next';
import { GaugeIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function BudgetsTab() {
  const { t } = useTranslation();
  return <Empty icon={GaugeIcon} title={t('billing.budgetsNone')} />;
}
