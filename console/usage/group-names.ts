/** Names for the groups of a report: a model is its own name, keys and projects have ids. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageReport } from '../cloud.ts';
import { keysQuery } from '../keys/queries.ts';
import { useMe } from '../shell/session.ts';
import { isPlaygroundKey } from './report-series.ts';

export function useGroupNames(by: UsageReport['groupBy']): (group: string) => string {
  const { t } = useTranslation();
  const { projects } = useMe();
  const { data: keys } = useInfiniteQuery({ ...keysQuery, enabled: by === 'key' });
  return useCallback(
    (group) => {
      if (by === 'model' || by === 'none') return group;
      if (by === 'project') return projects.find(({ id }) => id === group)?.name ?? group;
      if (isPlaygroundKey(group)) return t('nav.playground');
      return keys?.find(({ id }) => id === group)?.name ?? t('usage.hiddenKey');
    },
    [by, keys, projects, t],
  );
}
