/** The invoices and statements of the tenant. */
import { useTranslation } from 'react-i18next';
import { FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function InvoicesTab() {
  const { t } = useTranslation();
  return <Empty icon={FileIcon} title={t('billing.invoicesNone')} />;
}
