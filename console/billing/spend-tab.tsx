/** What was spent, by model, key, project or who paid, day by day; with a table of the same and a file of it. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Spend } from '../cloud.ts';
import { saveCsv, toCsv } from '../format/csv.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { useSpendNames } from '../spend/group-names.ts';
import { spendQuery } from '../spend/queries.ts';
import { SpendChart } from '../spend/spend-chart.tsx';
import { SpendTable } from '../spend/spend-table.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ChartIcon, DownloadIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { SpendFilters } from './spend-filters.tsx';

const route = getRouteApi('/signed-in/billing');

export function SpendTab() {
  const { t } = useTranslation();
  const format = useFormat();
  const { range = '30d', by = 'model', model, key, project, tag: worn } = route.useSearch();
  // Who paid is not told apart by key or tag.
  const [keyId, tag] = by === 'source' ? [] : [key, worn];
  const { data, error, refetch } = useQuery(
    spendQuery(range, by, { model, keyId, projectId: project, tag }),
  );
  return (
    <div className="space-y-4">
      <SpendFilters />
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && (
        <div aria-busy="true">
          <Skeleton className="h-80 rounded-xl" />
        </div>
      )}
      {data !== undefined && (
        <>
          <Card
            isFlush
            title={format.money(data.total.amount, data.currency)}
            description={t('spend.callsOf', {
              count: data.total.calls,
              calls: format.number(data.total.calls),
            })}
            actions={<GroupPicker />}
          >
            {data.total.calls === 0 ? (
              <Empty icon={ChartIcon} title={t('spend.empty')}>
                {t('spend.emptyText')}
              </Empty>
            ) : (
              <div className="px-4 pb-4">
                <SpendChart spend={data} label={t('spend.chartLabel')} />
              </div>
            )}
          </Card>
          <SpendTable spend={data} actions={<Export spend={data} />} />
        </>
      )}
    </div>
  );
}

function GroupPicker() {
  const { t } = useTranslation();
  const { by = 'model' } = route.useSearch();
  const navigate = useNavigate({ from: '/billing' });
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
        { value: 'tag', label: t('spend.byTag') },
        { value: 'source', label: t('spend.bySource') },
      ]}
    />
  );
}

function Export({ spend }: Readonly<{ spend: Spend }>) {
  const { t } = useTranslation();
  const nameOf = useSpendNames(spend.groupBy);
  const save = (): void => {
    const { groupBy, buckets, currency, from, to } = spend;
    const header = [
      'day',
      groupBy,
      'name',
      'calls',
      'input_tokens',
      'cached_tokens',
      'output_tokens',
      'other_units',
    ];
    const rows = buckets.map((bucket) => [
      bucket.start.slice(0, 10),
      bucket.group ?? '',
      nameOf(bucket.group ?? ''),
      bucket.calls,
      bucket.inputTokens,
      bucket.cacheReadTokens,
      bucket.outputTokens + bucket.reasoningTokens,
      bucket.units.map(({ unit, amount }) => `${amount} ${unit}`).join('; '),
      bucket.amount,
      currency,
    ]);
    saveCsv(
      `spend-${from.slice(0, 10)}-${to.slice(0, 10)}.csv`,
      toCsv([...header, 'amount', 'currency'], rows),
    );
  };
  return (
    <Button size="sm" onClick={save} disabled={spend.buckets.length === 0}>
      <DownloadIcon />
      {t('spend.export')}
    </Button>
  );
}
