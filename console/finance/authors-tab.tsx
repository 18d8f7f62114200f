/** What authors of models have earned, and what was paid out to them. */
import { useTranslation } from 'react-i18next';
import { PeopleIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function AuthorsTab() {
  const { t } = useTranslation();
  return <Empty icon={PeopleIcon} title={t('finance.authorsNone')} />;
}
