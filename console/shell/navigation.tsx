/** The pages of the console, in the order of the loop: use, supply, spend. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Me } from '../cloud.ts';
import type { Icon } from '../ui/icons.tsx';
import {
  BookIcon,
  BranchIcon,
  ChartIcon,
  ChatIcon,
  CloudIcon,
  FolderIcon,
  GaugeIcon,
  KeyIcon,
  ListIcon,
  ModelIcon,
  ReceiptIcon,
  ServerIcon,
  SettingsIcon,
  StackIcon,
  WheelIcon,
} from '../ui/icons.tsx';
import { mayOperate, maySee, useMe } from './session.ts';

const DESTINATIONS = [
  { to: '/', label: 'nav.overview', icon: WheelIcon, group: 'nav.use' },
  { to: '/playground', label: 'nav.playground', icon: ChatIcon, group: 'nav.use' },
  { to: '/batches', label: 'nav.batches', icon: StackIcon, group: 'nav.use' },
  { to: '/models', label: 'nav.models', icon: ModelIcon, group: 'nav.supply' },
  { to: '/collections', label: 'nav.collections', icon: FolderIcon, group: 'nav.supply' },
  { to: '/deployments', label: 'nav.deployments', icon: ServerIcon, group: 'nav.supply' },
  { to: '/routes', label: 'nav.routes', icon: BranchIcon, group: 'nav.supply' },
  { to: '/providers', label: 'nav.providers', icon: CloudIcon, group: 'nav.supply' },
  { to: '/keys', label: 'nav.keys', icon: KeyIcon, group: 'nav.spend' },
  { to: '/limits', label: 'nav.limits', icon: GaugeIcon, group: 'nav.spend' },
  { to: '/requests', label: 'nav.requests', icon: ListIcon, group: 'nav.spend' },
  { to: '/usage', label: 'nav.usage', icon: ChartIcon, group: 'nav.spend' },
  {
    to: '/billing',
    label: 'nav.billing',
    icon: ReceiptIcon,
    group: 'nav.spend',
    isFor: ({ role }: Me) => maySee(role, 'billing'),
  },
  {
    to: '/finance',
    label: 'nav.finance',
    icon: BookIcon,
    group: 'nav.cloud',
    isFor: (me: Me) => mayOperate(me, 'finance'),
  },
  { to: '/settings', label: 'nav.settings', icon: SettingsIcon, group: 'nav.cloud' },
] as const satisfies readonly Readonly<{
  to: string;
  label: string;
  icon: Icon;
  group: string;
  /** Whose page it is; everybody's where nothing is said. */
  isFor?: (me: Me) => boolean;
}>[];

/** The pages that this person is offered. */
export function useDestinations() {
  const me = useMe();
  return DESTINATIONS.filter((page) => !('isFor' in page) || page.isFor(me));
}

const GROUPS = ['nav.use', 'nav.supply', 'nav.spend', 'nav.cloud'] as const;

export function Navigation({ onNavigate }: Readonly<{ onNavigate?: () => void }>) {
  const { t } = useTranslation();
  const destinations = useDestinations();
  return (
    <nav aria-label={t('nav.label')} className="flex flex-col gap-5">
      {GROUPS.map((group) => (
        <div key={group}>
          <p className="px-2.5 pb-1 text-2xs font-medium text-faint">{t(group)}</p>
          <ul className="space-y-px">
            {destinations
              .filter((destination) => destination.group === group)
              .map(({ to, label, icon: DestinationIcon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
                    activeOptions={{ exact: to === '/', includeSearch: false }}
                    className="group flex h-8.5 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-ink"
                  >
                    <DestinationIcon className="group-data-[status=active]:text-accent" />
                    {t(label)}
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
