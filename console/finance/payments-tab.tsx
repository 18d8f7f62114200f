/** What tenants paid in, and transfers to record. */
import { useTranslation } from 'react-i18next';
import { ReceiptIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function PaymentsTab() {
  const { t } = useTranslation();
  return <Empty icon={ReceiptIcon} title={t('finance.paymentsNone')} />;
}
