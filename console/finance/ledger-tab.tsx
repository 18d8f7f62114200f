/** Accounts, entries and the way from a bill to the requests behind it. */
import { useTranslation } from 'react-i18next';
import { BookIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function LedgerTab() {
  const { t } = useTranslation();
  return <Empty icon={BookIcon} title={t('finance.ledgerNone')} />;
}
