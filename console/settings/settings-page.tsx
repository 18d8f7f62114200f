/** How the console looks, who works here, and what the cloud is made of. */
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SettingsTab } from '../search.ts';
import { mayOperate, maySee, useMe } from '../shell/session.ts';
import { Page } from '../ui/page.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { CloudStatus } from './cloud-status.tsx';
import { Members } from './members.tsx';
import { Preferences } from './preferences.tsx';
import { Projects } from './projects.tsx';
import { Tenants } from './tenants.tsx';
import { Webhooks } from './webhooks.tsx';

const route = getRouteApi('/signed-in/settings');

export function SettingsPage() {
  const { t } = useTranslation();
  const { tab = 'preferences' } = route.useSearch();
  const me = useMe();
  const navigate = useNavigate({ from: '/settings' });
  const tabs = [
    { value: 'preferences', label: t('settings.preferences'), content: <Preferences /> },
    ...(maySee(me.role, 'members')
      ? [{ value: 'members', label: t('settings.members'), content: <Members /> } as const]
      : []),
    { value: 'projects', label: t('settings.projects'), content: <Projects /> },
    ...(mayOperate(me, 'credit') || mayOperate(me, 'tenants')
      ? [{ value: 'tenants', label: t('tenants.title'), content: <Tenants /> } as const]
      : []),
    ...(maySee(me.role, 'building')
      ? [{ value: 'webhooks', label: t('webhooks.title'), content: <Webhooks /> } as const]
      : []),
    { value: 'cloud', label: t('settings.cloud'), content: <CloudStatus /> },
  ] as const;
  return (
    <Page title={t('nav.settings')} description={t('settings.text')}>
      <Tabs<SettingsTab>
        value={tab}
        tabs={tabs}
        onChange={(next) =>
          void navigate({ search: next === 'preferences' ? {} : { tab: next }, replace: true })
        }
      />
    </Page>
  );
}
