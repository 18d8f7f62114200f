/** Sums of what was spent; from roll-ups, so that they are as fast for a year as for a day. */
import { queryOptions } from '@tanstack/react-query';
import { type Spend, cloud } from '../cloud.ts';
import type { SpendRange } from '../search.ts';
import { spendWindow } from './spend-window.ts';

const SPEND_REFETCH_MS = 10_000;

export type SpendFilter = Readonly<{
  model?: string | undefined;
  keyId?: string | undefined;
  projectId?: string | undefined;
  tag?: string | undefined;
  /** The operator's, over all tenants. */
  currency?: string | undefined;
  /** The operator's: a tenant, or `all`. */
  tenantId?: string | undefined;
}>;

export const spendQuery = (
  range: SpendRange,
  groupBy: Spend['groupBy'],
  filter: SpendFilter = {},
) =>
  queryOptions({
    queryKey: ['spend', range, groupBy, filter],
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = spendWindow(range, Date.now());
      return cloud.finance.spend(
        {
          ...filter,
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          interval: 'day',
          groupBy,
        },
        { signal },
      );
    },
    refetchInterval: SPEND_REFETCH_MS,
    placeholderData: (previous) => previous,
  });

export const summaryQuery = queryOptions({
  queryKey: ['spending-summary'],
  queryFn: ({ signal }) => cloud.finance.summary({}, { signal }),
  refetchInterval: SPEND_REFETCH_MS,
});

/** The words that keys and projects carry, each once. */
export const tagsQuery = queryOptions({
  queryKey: ['tags'],
  queryFn: async ({ signal }) => {
    const { data } = await cloud.budgets.tags({ signal });
    return [...new Set(data.map(({ tag }) => tag))].toSorted();
  },
});
