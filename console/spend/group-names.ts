/** Names for the groups of a report on money: what has an id is shown by its name. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Spend } from '../cloud.ts';
import { tenantsQuery } from '../settings/queries.ts';
import { useGroupNames } from '../usage/group-names.ts';

const SOURCES: Readonly<
  Record<string, 'source.free' | 'source.plan' | 'source.savings' | 'source.grant' | 'source.cash'>
> = {
  free_quota: 'source.free',
  plan: 'source.plan',
  savings_plan: 'source.savings',
  grant: 'source.grant',
  cash: 'source.cash',
};

export function useSpendNames(by: Spend['groupBy']): (group: string) => string {
  const { t } = useTranslation();
  const nameOf = useGroupNames(by === 'key' || by === 'project' ? by : 'none');
  const { data: tenants } = useInfiniteQuery({ ...tenantsQuery, enabled: by === 'tenant' });
  return useCallback(
    (group) => {
      if (by === 'tenant') return tenants?.find(({ id }) => id === group)?.name ?? group;
      if (by === 'tag') return group === '' ? t('spend.noTag') : group;
      if (by === 'region') return group === '' ? t('spend.noRegion') : group;
      const source = by === 'source' ? SOURCES[group] : undefined;
      return source === undefined ? nameOf(group) : t(source);
    },
    [by, tenants, nameOf, t],
  );
}

export const GROUP_LABELS = {
  model: 'usage.byModel',
  key: 'usage.byKey',
  project: 'usage.byProject',
  tag: 'spend.byTag',
  source: 'spend.bySource',
  tenant: 'spend.byTenant',
  region: 'spend.byRegion',
  none: 'usage.by',
} as const;
