/** What is left of what callers paid, after what providers asked: of the whole cloud, for the operator. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { windowOf } from '../usage/time-window.ts';

const REFETCH_MS = 15_000;

const marginQuery = queryOptions({
  queryKey: ['margin'],
  queryFn: ({ signal }) => {
    const { fromMs, toMs, interval } = windowOf('30d', Date.now());
    const from = new Date(fromMs).toISOString();
    const to = new Date(toMs).toISOString();
    return cloud.usage.report({ from, to, interval, groupBy: 'none', tenantId: 'all' }, { signal });
  },
  refetchInterval: REFETCH_MS,
});

export function Margin() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(marginQuery);
  if (data?.total.cost === undefined || data.total.margin === undefined) return null;
  const { amount, cost, margin, currency } = data.total;
  const facts = [
    [t('providers.revenue'), amount],
    [t('requests.cost'), cost],
    [t('requests.margin'), margin],
  ] as const;
  return (
    <dl className="grid gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-3">
      {facts.map(([label, value]) => (
        <div key={label} className="min-w-0 bg-surface px-5 py-4">
          <dt className="text-sm text-muted">{label}</dt>
          <dd className="mt-0.5 text-lg leading-7 font-semibold tracking-tight break-all tabular">
            {format.money(value, currency)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
