/** The range as bars, stacked by model, key or project. */
import { useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageReport } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import type { UsageMeasure, UsageRange } from '../search.ts';
import { useTheme } from '../theme.ts';
import { Card } from '../ui/card.tsx';
import { ChartIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useGroupNames } from './group-names.ts';
import { seriesOf } from './report-series.ts';
import { slotsOf, windowOf } from './time-window.ts';

const StackedBars = lazy(async () => ({
  default: (await import('../ui/stacked-bars.tsx')).StackedBars,
}));

export type UsageChartProps = Readonly<{
  report: UsageReport;
  range: UsageRange;
  measure: UsageMeasure;
}>;

export function UsageChart({ report, range, measure }: UsageChartProps) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { isDark } = useTheme();
  // The report on screen may still be the one of the grouping before.
  const nameOf = useGroupNames(report.groupBy);
  const times = useMemo(
    () => slotsOf(windowOf(range, Date.parse(report.to) - 1)),
    [range, report.to],
  );
  const series = useMemo(() => seriesOf(report, times, measure), [report, times, measure]);
  const named = useMemo(
    () =>
      series.map((item) => ({
        ...item,
        name: item.group === null ? t('usage.other') : nameOf(item.group),
      })),
    [series, nameOf, t],
  );
  const ticks = useTimeFormat(i18n.language, range);
  const formatValue = (value: number): string =>
    measure === 'amount'
      ? format.moneyShort(plainDecimal(value), report.total.currency)
      : format.compact(value);
  return (
    <Card title={t('usage.chart')} isFlush actions={<MeasurePicker measure={measure} />}>
      {report.total.calls === 0 ? (
        <Empty icon={ChartIcon} title={t('usage.empty')}>
          {t('usage.emptyText')}
        </Empty>
      ) : (
        <div className="px-4 pb-4">
          <Suspense fallback={<Skeleton className="h-62" />}>
            <StackedBars
              key={String(isDark)}
              label={t('usage.chartLabel')}
              times={times}
              series={named}
              formatValue={formatValue}
              formatTick={ticks.tick}
              formatTime={ticks.full}
            />
          </Suspense>
          <Legend series={named} />
        </div>
      )}
    </Card>
  );
}

function Legend({
  series,
}: Readonly<{ series: readonly Readonly<{ name: string; color: string }>[] }>) {
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 pl-1">
      {series.map(({ name, color }) => (
        <li key={name} className="flex items-center gap-1.5 text-xs text-muted">
          <span aria-hidden="true" className="size-2 rounded-xs" style={{ background: color }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

function MeasurePicker({ measure }: Readonly<{ measure: UsageMeasure }>) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/usage' });
  return (
    <Segmented
      label={t('usage.measure')}
      value={measure}
      onChange={(next) =>
        void navigate({
          search: (now) => ({ ...now, measure: next }),
          replace: true,
          resetScroll: false,
        })
      }
      choices={[
        { value: 'amount', label: t('usage.amount') },
        { value: 'tokens', label: t('usage.tokens') },
        { value: 'calls', label: t('usage.calls') },
      ]}
    />
  );
}

/** Hours are shown in the reader's own time; days are the server's (UTC), or they would shift by one. */
function useTimeFormat(language: string, range: UsageRange) {
  return useMemo(() => {
    const isHourly = range === '24h';
    const tick = new Intl.DateTimeFormat(
      language,
      isHourly
        ? { hour: '2-digit', minute: '2-digit', hour12: false }
        : { month: 'short', day: 'numeric', timeZone: 'UTC' },
    );
    const full = new Intl.DateTimeFormat(
      language,
      isHourly
        ? { dateStyle: 'medium', timeStyle: 'short' }
        : { dateStyle: 'full', timeZone: 'UTC' },
    );
    return {
      tick: (timeMs: number) => tick.format(timeMs),
      full: (timeMs: number) => full.format(timeMs),
    };
  }, [language, range]);
}

/** A chart's number as a decimal string: never in exponent form. */
function plainDecimal(value: number): string {
  return value.toFixed(12);
}
