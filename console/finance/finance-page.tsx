/** The operator's side of money: what comes in, what it costs, who is owed what, and the proof of it. */
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { FinanceTab } from '../search.ts';
import { mayOperate, useMe } from '../shell/session.ts';
import { Banner } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Tabs } from '../ui/tabs.tsx';

const RevenueTab = lazy(async () => ({ default: (await import('./revenue-tab.tsx')).RevenueTab }));
const PricesTab = lazy(async () => ({ default: (await import('./prices-tab.tsx')).PricesTab }));
const PlansTab = lazy(async () => ({ default: (await import('./plans-tab.tsx')).PlansTab }));
const ReceivablesTab = lazy(async () => ({
  default: (await import('./receivables-tab.tsx')).ReceivablesTab,
}));
const PaymentsTab = lazy(async () => ({
  default: (await import('./payments-tab.tsx')).PaymentsTab,
}));
const AuthorsTab = lazy(async () => ({ default: (await import('./authors-tab.tsx')).AuthorsTab }));
const LedgerTab = lazy(async () => ({ default: (await import('./ledger-tab.tsx')).LedgerTab }));
const BooksTab = lazy(async () => ({ default: (await import('./books-tab.tsx')).BooksTab }));

const route = getRouteApi('/signed-in/finance');

export function FinancePage() {
  const { t } = useTranslation();
  const { tab = 'revenue' } = route.useSearch();
  const me = useMe();
  const navigate = useNavigate({ from: '/finance' });
  if (!mayOperate(me, 'finance')) {
    return (
      <Page title={t('nav.finance')}>
        <Banner tone="info">{t('finance.notYours')}</Banner>
      </Page>
    );
  }
  const tabs = [
    { value: 'revenue', label: t('finance.revenue'), content: <RevenueTab /> },
    { value: 'prices', label: t('finance.prices'), content: <PricesTab /> },
    { value: 'plans', label: t('finance.plans'), content: <PlansTab /> },
    { value: 'receivables', label: t('finance.receivables'), content: <ReceivablesTab /> },
    { value: 'payments', label: t('finance.payments'), content: <PaymentsTab /> },
    { value: 'authors', label: t('finance.authors'), content: <AuthorsTab /> },
    { value: 'ledger', label: t('finance.ledger'), content: <LedgerTab /> },
    { value: 'books', label: t('finance.books'), content: <BooksTab /> },
  ] as const;
  return (
    <Page title={t('nav.finance')} description={t('finance.text')}>
      <Tabs<FinanceTab>
        value={tab}
        tabs={tabs}
        onChange={(next) => void navigate({ search: next === 'revenue' ? {} : { tab: next } })}
      />
    </Page>
  );
}
