/** What tenants owe, and the steps taken about it. */
import { useTranslation } from 'react-i18next';
import { FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function ReceivablesTab() {
  const { t } = useTranslation();
  return <Empty icon={FileIcon} title={t('finance.receivablesNone')} />;
}
