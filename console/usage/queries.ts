/** Usage as the ledger knows it: sums over time, and single calls. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';
import type { UsageGroup, UsageRange } from '../search.ts';
import { windowOf } from './time-window.ts';

const REPORT_REFETCH_MS = 5000;
const EVENTS_PAGE = 25;

export const reportQuery = (range: UsageRange, groupBy: UsageGroup) =>
  queryOptions({
    queryKey: ['usage', range, groupBy],
    queryFn: ({ signal }) => {
      const { fromMs, toMs, interval } = windowOf(range, Date.now());
      return cloud.usage.report(
        {
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          interval,
          groupBy,
        },
        { signal },
      );
    },
    refetchInterval: REPORT_REFETCH_MS,
    placeholderData: (previous) => previous,
  });

export const eventsQuery = listQuery({
  queryKey: ['usage-events'],
  read: cloud.usage.events,
  pageSize: EVENTS_PAGE,
  refetchMs: () => REPORT_REFETCH_MS,
});

export const eventQuery = (requestId: string) =>
  queryOptions({
    queryKey: ['usage-events', requestId],
    queryFn: ({ signal }) => cloud.usage.event(requestId, { signal }),
  });
