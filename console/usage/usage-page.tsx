/** What was used, by whom, and what it cost to the last digit. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { UsageGroup, UsageRange } from '../search.ts';
import { Failure } from '../shell/failure.tsx';
import { Page } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventTable } from './event-table.tsx';
import { GroupTable } from './group-table.tsx';
import { reportQuery } from './queries.ts';
import { Totals } from './totals.tsx';
import { UsageChart } from './usage-chart.tsx';

const route = getRouteApi('/signed-in/usage');

export function UsagePage() {
  const { t } = useTranslation();
  const { range = '24h', by = 'model', measure = 'amount', event } = route.useSearch();
  const navigate = useNavigate({ from: '/usage' });
  const { data, error, refetch } = useQuery(reportQuery(range, by));
  return (
    <Page
      title={t('nav.usage')}
      description={t('usage.text')}
      actions={<RangePicker range={range} />}
    >
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <UsageSkeleton />}
      {data !== undefined && (
        <div className="space-y-4">
          <Totals report={data} />
          <UsageChart report={data} range={range} measure={measure} />
          <GroupTable report={data} actions={<GroupPicker by={by} />} />
        </div>
      )}
      <EventTable />
      {event !== undefined && (
        <EventDrawer
          requestId={event}
          onClose={() =>
            void navigate({ search: ({ event: _closed, ...rest }) => rest, resetScroll: false })
          }
        />
      )}
    </Page>
  );
}

function RangePicker({ range }: Readonly<{ range: UsageRange }>) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/usage' });
  return (
    <Segmented
      label={t('usage.range')}
      value={range}
      onChange={(next) =>
        void navigate({ search: (now) => ({ ...now, range: next }), replace: true })
      }
      choices={[
        { value: '24h', label: t('usage.day') },
        { value: '7d', label: t('usage.week') },
        { value: '30d', label: t('usage.month') },
      ]}
    />
  );
}

function GroupPicker({ by }: Readonly<{ by: UsageGroup }>) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/usage' });
  return (
    <Segmented
      label={t('usage.by')}
      value={by}
      onChange={(next) =>
        void navigate({
          search: (now) => ({ ...now, by: next }),
          replace: true,
          resetScroll: false,
        })
      }
      choices={[
        { value: 'model', label: t('usage.byModel') },
        { value: 'key', label: t('usage.byKey') },
        { value: 'project', label: t('usage.byProject') },
      ]}
    />
  );
}

function UsageSkeleton() {
  return (
    <div aria-busy="true" className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {[0, 1, 2, 3].map((card) => (
          <Skeleton key={card} className="h-24 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
