/** Limits of a tenant with their use, which is looked at again while the page is open. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

/** Gateways say every two seconds what is in use; a person who watches should see it move. */
const REFETCH_MS = 2000;

export const LIMITS_KEY = ['limits'] as const;

export function limitsQuery(tenantId: string) {
  return queryOptions({
    queryKey: [...LIMITS_KEY, tenantId],
    queryFn: async ({ signal }) => (await cloud.limits.list({ tenantId }, { signal })).data,
    refetchInterval: REFETCH_MS,
  });
}

export const LEVEL_LABELS = {
  platform: 'limits.platform',
  tenant: 'limits.tenant',
  project: 'limits.project',
  key: 'limits.key',
} as const;

export const FIELD_LABELS = {
  requestsPerMinute: 'limits.requestsPerMinute',
  tokensPerMinute: 'limits.tokensPerMinute',
  concurrency: 'limits.concurrency',
  requestsPerSecond: 'limits.requestsPerSecond',
  dailyBudget: 'limits.dailyBudget',
  monthlyBudget: 'limits.monthlyBudget',
  models: 'limits.models',
  regions: 'limits.regions',
  networks: 'limits.networks',
} as const;

export const FIELD_HINTS = {
  models: 'limits.modelsHint',
  regions: 'limits.regionsHint',
  networks: 'limits.networksHint',
} as const;
