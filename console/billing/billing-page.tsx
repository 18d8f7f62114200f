/** What the tenant has, spends and owes: one page, a tab for each matter. Each tab is loaded when it is opened. */
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { BillingTab } from '../search.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Banner } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Tabs } from '../ui/tabs.tsx';

const OverviewTab = lazy(async () => ({
  default: (await import('./overview-tab.tsx')).OverviewTab,
}));
const SpendTab = lazy(async () => ({ default: (await import('./spend-tab.tsx')).SpendTab }));
const InvoicesTab = lazy(async () => ({
  default: (await import('./invoices-tab.tsx')).InvoicesTab,
}));
const PlansTab = lazy(async () => ({ default: (await import('./plans-tab.tsx')).PlansTab }));
const PaymentsTab = lazy(async () => ({
  default: (await import('./payments-tab.tsx')).PaymentsTab,
}));
const BudgetsTab = lazy(async () => ({ default: (await import('./budgets-tab.tsx')).BudgetsTab }));

const route = getRouteApi('/signed-in/billing');

export function BillingPage() {
  const { t } = useTranslation();
  const { tab = 'overview' } = route.useSearch();
  const me = useMe();
  const navigate = useNavigate({ from: '/billing' });
  if (!maySee(me.role, 'billing')) {
    return (
      <Page title={t('nav.billing')}>
        <Banner tone="info">{t('billing.notYours')}</Banner>
      </Page>
    );
  }
  const tabs = [
    { value: 'overview', label: t('billing.overview'), content: <OverviewTab /> },
    { value: 'spend', label: t('billing.spend'), content: <SpendTab /> },
    { value: 'invoices', label: t('billing.invoices'), content: <InvoicesTab /> },
    { value: 'plans', label: t('billing.plans'), content: <PlansTab /> },
    { value: 'payments', label: t('billing.payments'), content: <PaymentsTab /> },
    { value: 'budgets', label: t('billing.budgets'), content: <BudgetsTab /> },
  ] as const;
  return (
    <Page title={t('nav.billing')} description={t('billing.text')}>
      <Tabs<BillingTab>
        value={tab}
        tabs={tabs}
        onChange={(next) => void navigate({ search: next === 'overview' ? {} : { tab: next } })}
      />
    </Page>
  );
}
