/** What is there to spend, how fast it goes, and when it ends. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type SpendingSummary } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { useSpendNames } from '../spend/group-names.ts';
import { spendQuery, summaryQuery } from '../spend/queries.ts';
import { ShareList } from '../spend/share-list.tsx';
import { SpendChart } from '../spend/spend-chart.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Figure, Figures } from '../ui/figures.tsx';
import { ChartIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { EarningsCard } from './earnings-card.tsx';
import { NextInvoice } from './next-invoice.tsx';
import { QuickTopUp } from './quick-top-up.tsx';

/** With less than this a top-up is what one came for. */
const DAYS_SHORT = 7;

export function OverviewTab() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(summaryQuery);
  if (data === undefined) {
    return error === null ? (
      <OverviewSkeleton />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <div className="space-y-4">
      <SummaryFigures summary={data} />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="space-y-4">
          <SpendCard />
          <SourcesCard summary={data} />
        </div>
        <div className="space-y-4">
          <QuickTopUp />
          <NextInvoice />
        </div>
      </div>
      <EarningsCard />
      <p className="text-xs text-muted">{t('spend.rules')}</p>
    </div>
  );
}

function SummaryFigures({ summary }: Readonly<{ summary: SpendingSummary }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency, burn, daysLeft } = summary;
  const money = (amount: string): string => format.moneyShort(amount, currency);
  const isShort = daysLeft !== null && daysLeft < DAYS_SHORT;
  const isOver = summary.available.startsWith('-');
  return (
    <Figures>
      <Figure
        label={t('spend.available')}
        value={money(summary.available)}
        {...(isOver ? { tone: 'bad' as const } : {})}
      >
        {t('usage.held', { amount: money(summary.held) })}
      </Figure>
      <Figure label={t('spend.burn')} value={t('spend.perDay', { amount: money(burn.perDay) })}>
        {burn.days === 0 ? t('spend.burnNone') : t('spend.burnText', { count: burn.days })}
      </Figure>
      <Figure
        label={t('spend.daysLeft')}
        value={
          daysLeft === null
            ? '—'
            : t('spend.days', { count: daysLeft, days: format.number(daysLeft) })
        }
        {...(isShort ? { tone: 'warn' as const } : {})}
      >
        {t(daysLeft === null ? 'spend.daysLeftNone' : 'spend.daysLeftText')}
      </Figure>
      <Figure label={t('spend.thisMonth')} value={money(summary.thisMonth)}>
        {t('spend.forecast', {
          forecast: money(summary.forecast),
          last: money(summary.lastMonth),
        })}
      </Figure>
    </Figures>
  );
}

function SpendCard() {
  const { t } = useTranslation();
  const { data } = useQuery(spendQuery('30d', 'model'));
  return (
    <Card
      isFlush
      title={t('spend.lastDays')}
      actions={
        <Link to="/billing" search={{ tab: 'spend' }} className={buttonClass('ghost', 'sm')}>
          {t('spend.details')}
        </Link>
      }
    >
      {data === undefined && <Skeleton className="mx-5 mb-5 h-62" />}
      {data?.total.calls === 0 && (
        <Empty icon={ChartIcon} title={t('spend.empty')}>
          {t('spend.emptyText')}
        </Empty>
      )}
      {data !== undefined && data.total.calls > 0 && (
        <div className="px-4 pb-4">
          <SpendChart spend={data} label={t('spend.chartLabel')} />
        </div>
      )}
    </Card>
  );
}

function SourcesCard({ summary }: Readonly<{ summary: SpendingSummary }>) {
  const { t } = useTranslation();
  const nameOf = useSpendNames('source');
  const { sources, currency } = summary;
  return (
    <Card title={t('spend.paidBy')} description={t('spend.paidByText')}>
      {sources.length === 0 ? (
        <p className="text-sm text-muted">{t('spend.emptyMonth')}</p>
      ) : (
        <ShareList
          currency={currency}
          parts={sources.map(({ source, amount }, index) => ({
            key: source,
            name: nameOf(source),
            amount,
            color: `var(--series-${index + 1})`,
          }))}
        />
      )}
    </Card>
  );
}

function OverviewSkeleton() {
  return (
    <div aria-busy="true" className="space-y-4">
      <Skeleton className="h-24 rounded-xl" />
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
