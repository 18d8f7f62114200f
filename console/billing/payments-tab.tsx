/** Top-ups, and how they were paid. */
import { useTranslation } from 'react-i18next';
import { CoinIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function PaymentsTab() {
  const { t } = useTranslation();
  return <Empty icon={CoinIcon} title={t('billing.paymentsNone')} />;
}
