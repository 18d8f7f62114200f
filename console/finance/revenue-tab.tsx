/** What calls earned and what they cost, by model, tenant or region, day by day. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Spend } from '../cloud.ts';
import { saveCsv, toCsv } from '../format/csv.ts';
import { useFormat } from '../format/format.ts';
import { approximateMoney, sumMoney } from '../format/money.ts';
import { tenantsQuery } from '../settings/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { GROUP_LABELS, useSpendNames } from '../spend/group-names.ts';
import { spendQuery } from '../spend/queries.ts';
import { RangePicker } from '../spend/range-picker.tsx';
import { SpendChart } from '../spend/spend-chart.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Figure, Figures } from '../ui/figures.tsx';
import { ChartIcon, DownloadIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

const route = getRouteApi('/signed-in/finance');

export function RevenueTab() {
  const { range = '30d', by = 'model', currency } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  const { data, error, refetch } = useQuery(spendQuery(range, by, { tenantId: 'all', currency }));
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap gap-2">
        <RangePicker
          range={range}
          onChange={(next) =>
            void navigate({ search: (now) => ({ ...now, range: next }), replace: true })
          }
        />
        <CurrencyPicker />
      </div>
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && (
        <div aria-busy="true">
          <Skeleton className="h-80 rounded-xl" />
        </div>
      )}
      {data !== undefined && <Revenue spend={data} />}
    </div>
  );
}

function Revenue({ spend }: Readonly<{ spend: Spend }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total, currency } = spend;
  const money = (amount = '0'): string => format.moneyShort(amount, currency);
  return (
    <>
      <Figures>
        <Figure label={t('revenue.revenue')} value={money(total.amount)}>
          {t('spend.callsOf', { count: total.calls, calls: format.number(total.calls) })}
        </Figure>
        <Figure label={t('revenue.cost')} value={money(total.cost)}>
          {t('revenue.costText')}
        </Figure>
        <Figure label={t('revenue.authors')} value={money(total.authorShare)}>
          {t('revenue.authorsText')}
        </Figure>
        <Figure
          label={t('revenue.margin')}
          value={money(total.margin)}
          {...((total.margin ?? '').startsWith('-') ? { tone: 'bad' as const } : {})}
        >
          {marginOf(total)}
        </Figure>
      </Figures>
      <Card isFlush title={t('revenue.byDay')} actions={<GroupPicker />}>
        {total.calls === 0 ? (
          <Empty icon={ChartIcon} title={t('finance.revenueNone')}>
            {t('spend.emptyText')}
          </Empty>
        ) : (
          <div className="px-4 pb-4">
            <SpendChart spend={spend} label={t('spend.chartLabel')} />
          </div>
        )}
      </Card>
      <RevenueTable spend={spend} />
      <p className="text-xs text-muted">{t('revenue.rules')}</p>
    </>
  );
}

/** Where tenants pay in several currencies; their sums have no sum. */
function CurrencyPicker() {
  const { t } = useTranslation();
  const { tenant } = useMe();
  const { currency = tenant.currency } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  const { data: tenants = [] } = useInfiniteQuery(tenantsQuery);
  const currencies = [...new Set([tenant.currency, ...tenants.map((each) => each.currency)])];
  if (currencies.length < 2) return null;
  return (
    <Segmented
      label={t('tenants.currency')}
      value={currency}
      onChange={(next) =>
        void navigate({ search: (now) => ({ ...now, currency: next }), replace: true })
      }
      choices={currencies.map((code) => ({ value: code, label: code }))}
    />
  );
}

function GroupPicker() {
  const { t } = useTranslation();
  const { by = 'model' } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
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
        { value: 'tenant', label: t('spend.byTenant') },
        { value: 'region', label: t('spend.byRegion') },
      ]}
    />
  );
}

type Sum = Readonly<{
  group: string;
  calls: number;
  amount: string;
  cost: string;
  authorShare: string;
  margin: string;
}>;

function RevenueTable({ spend }: Readonly<{ spend: Spend }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useSpendNames(spend.groupBy);
  const sums = sumByGroup(spend);
  const save = (): void =>
    saveCsv(
      `revenue-${spend.from.slice(0, 10)}.csv`,
      toCsv(
        [spend.groupBy, 'name', 'calls', 'revenue', 'provider_cost', 'author_share', 'margin'],
        sums.map((sum) => [
          sum.group,
          nameOf(sum.group),
          sum.calls,
          sum.amount,
          sum.cost,
          sum.authorShare,
          sum.margin,
        ]),
      ),
    );
  return (
    <Card
      isFlush
      title={t('usage.breakdown')}
      className="overflow-hidden"
      actions={
        <Button size="sm" onClick={save} disabled={sums.length === 0}>
          <DownloadIcon />
          {t('spend.export')}
        </Button>
      }
    >
      <Table
        label={t('usage.breakdown')}
        columns={[
          { key: 'group', label: t(GROUP_LABELS[spend.groupBy]) },
          { key: 'calls', label: t('usage.calls'), isNumber: true },
          { key: 'revenue', label: t('revenue.revenue'), isNumber: true },
          { key: 'cost', label: t('revenue.cost'), isNumber: true },
          { key: 'authors', label: t('revenue.authors'), isNumber: true },
          { key: 'margin', label: t('revenue.margin'), isNumber: true },
        ]}
      >
        {sums.map((sum) => (
          <Row key={sum.group}>
            <Cell className="min-w-40 font-medium">{nameOf(sum.group)}</Cell>
            <Cell isNumber>{format.number(sum.calls)}</Cell>
            <Cell isNumber>{format.money(sum.amount, spend.currency)}</Cell>
            <Cell isNumber>{format.money(sum.cost, spend.currency)}</Cell>
            <Cell isNumber>{format.money(sum.authorShare, spend.currency)}</Cell>
            <Cell isNumber>
              {format.money(sum.margin, spend.currency)}
              <span className="ml-2 text-xs text-muted">{marginOf(sum)}</span>
            </Cell>
          </Row>
        ))}
      </Table>
      {sums.length === 0 && <p className="px-5 py-4 text-sm text-muted">{t('spend.empty')}</p>}
    </Card>
  );
}

function sumByGroup({ buckets }: Spend): readonly Sum[] {
  const groups = Map.groupBy(buckets, ({ group }) => group ?? '');
  const sums = [...groups].map(([group, of]) => ({
    group,
    calls: of.reduce((total, { calls }) => total + calls, 0),
    amount: sumMoney(of.map(({ amount }) => amount)),
    cost: sumMoney(of.map(({ cost = '0' }) => cost)),
    authorShare: sumMoney(of.map(({ authorShare = '0' }) => authorShare)),
    margin: sumMoney(of.map(({ margin = '0' }) => margin)),
  }));
  return sums.toSorted((a, b) => approximateMoney(b.amount) - approximateMoney(a.amount));
}

/** In per cent of revenue; a dash where there is none. */
function marginOf({
  amount,
  margin = '0',
}: Readonly<{ amount: string; margin?: string | undefined }>): string {
  const revenue = approximateMoney(amount);
  if (revenue === 0) return '—';
  return `${((approximateMoney(margin) / revenue) * 100).toFixed(1)}%`;
}
