/** Who is signed in and in which tenant: the switcher, the balance and the account menu. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { chooseTenant, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { IconButton, buttonClass } from '../ui/button.tsx';
import { Initial } from '../ui/initial.tsx';
import { PersonIcon, SettingsIcon, SignOutIcon, UpDownIcon } from '../ui/icons.tsx';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu.tsx';
import { toastFailure } from './failure.tsx';
import { useBalance, useMe } from './session.ts';

export function TenantMenu() {
  const { t } = useTranslation();
  const { tenant, tenants } = useMe();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t('account.tenant', { name: tenant.name })}
          className="flex h-9 max-w-56 min-w-0 items-center gap-2 rounded-md px-2 text-sm hover:bg-hover"
        >
          <Initial name={tenant.name} />
          <span className="truncate font-medium">{tenant.name}</span>
          <UpDownIcon className="text-faint" />
        </button>
      }
    >
      <MenuLabel>{t('account.tenants')}</MenuLabel>
      <MenuChoice
        value={tenant.id}
        choices={tenants.map(({ id, name }) => ({
          value: id,
          label: (
            <>
              <Initial name={name} />
              <span className="truncate">{name}</span>
            </>
          ),
        }))}
        onChange={(tenantId) => {
          chooseTenant(tenantId);
          window.location.assign('/');
        }}
      />
    </Menu>
  );
}

export function BalanceChip() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useBalance();
  if (data === undefined) return null;
  return (
    <Link
      to="/usage"
      className={`${buttonClass('secondary', 'sm')} tabular`}
      aria-label={t('account.balance', {
        amount: format.moneyShort(data.available, data.currency),
      })}
    >
      <span className="hidden text-muted sm:inline">{t('account.balanceLabel')}</span>
      {format.moneyShort(data.available, data.currency)}
    </Link>
  );
}

export function AccountMenu() {
  const { t } = useTranslation();
  const { member } = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signOut = async (): Promise<void> => {
    try {
      await cloud.signOut();
      chooseTenant(null);
      await navigate({ to: '/sign-in', search: {} });
      queries.clear();
    } catch (error) {
      toastFailure(error);
    }
  };
  return (
    <Menu
      trigger={
        <IconButton label={t('account.menu')} variant="ghost">
          <PersonIcon />
        </IconButton>
      }
    >
      <div className="max-w-64 px-2.5 py-2">
        <p className="truncate text-sm font-medium">{member?.name}</p>
        <p className="truncate text-xs text-muted">{member?.email}</p>
      </div>
      <MenuSeparator />
      <MenuItem onSelect={() => void navigate({ to: '/settings', search: {} })}>
        <SettingsIcon className="text-muted" />
        {t('nav.settings')}
      </MenuItem>
      <MenuItem onSelect={() => void signOut()}>
        <SignOutIcon className="text-muted" />
        {t('account.signOut')}
      </MenuItem>
    </Menu>
  );
}
