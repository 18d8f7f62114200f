/** The price book: versions, drafts and their simulation. */
import { useTranslation } from 'react-i18next';
import { CoinIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function PricesTab() {
  const { t } = useTranslation();
  return <Empty icon={CoinIcon} title={t('finance.pricesNone')} />;
}
