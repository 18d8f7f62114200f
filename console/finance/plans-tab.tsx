/** Plans, grants, free quotas and coupons that are offered. */
import { useTranslation } from 'react-i18next';
import { StackIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';

export function PlansTab() {
  const { t } = useTranslation();
  return <Empty icon={StackIcon} title={t('finance.plansNone')} />;
}
