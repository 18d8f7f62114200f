/** Whether the books agree with each other. */
import { useTranslation } from 'react-i18next';
import { CheckIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function BooksTab() {
  const { t } = useTranslation();
  return <Empty icon={CheckIcon} title={t('finance.booksNone')} />;
}
