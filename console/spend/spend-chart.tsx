/** Days as bars of money, stacked by group. The same numbers stand in a table beneath wherever it is used. */
import { Suspense, lazy, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Spend } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { useTheme } from '../theme.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { seriesOf } from '../usage/report-series.ts';
import { useSpendNames } from './group-names.ts';
import { daysOf } from './spend-window.ts';

const StackedBars = lazy(async () => ({
  default: (await import('../ui/stacked-bars.tsx')).StackedBars,
}));

export type SpendChartProps = Readonly<{ spend: Spend; label: string }>;

export function SpendChart({ spend, label }: SpendChartProps) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { isDark } = useTheme();
  const nameOf = useSpendNames(spend.groupBy);
  const days = useMemo(
    () => daysOf({ fromMs: Date.parse(spend.from), toMs: Date.parse(spend.to) }),
    [spend.from, spend.to],
  );
  const series = useMemo(
    () =>
      seriesOf(spend, days, 'amount').map((item) => ({
        ...item,
        name: item.group === null ? t('usage.other') : nameOf(item.group),
      })),
    [spend, days, nameOf, t],
  );
  const dates = useDates(i18n.language);
  return (
    <>
      <Suspense fallback={<Skeleton className="h-62" />}>
        <StackedBars
          key={String(isDark)}
          label={label}
          times={days}
          series={series}
          formatValue={(value) => format.moneyShort(value.toFixed(12), spend.currency)}
          formatTick={dates.tick}
          formatTime={dates.full}
        />
      </Suspense>
      <Legend series={series} />
    </>
  );
}

function Legend({
  series,
}: Readonly<{ series: readonly Readonly<{ name: string; color: string }>[] }>) {
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 pl-1">
      {series.map(({ name, color }) => (
        <li key={name} className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
          <span
            aria-hidden="true"
            className="size-2 shrink-0 rounded-xs"
            style={{ background: color }}
          />
          <span className="truncate">{name}</span>
        </li>
      ))}
    </ul>
  );
}

/** Days are the server's (UTC), or they would shift by one. */
function useDates(language: string) {
  return useMemo(() => {
    const tick = new Intl.DateTimeFormat(language, {
      month: 'short',
      day: 'numeric',
      timeZone: 'UTC',
    });
    const full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' });
    return {
      tick: (timeMs: number) => tick.format(timeMs),
      full: (timeMs: number) => full.format(timeMs),
    };
  }, [language]);
}
