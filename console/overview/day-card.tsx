/** The last 24 hours as a line, with its totals. */
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import type { Overview } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { ArrowRightIcon } from '../ui/icons.tsx';

export function DayCard({ overview }: Readonly<{ overview: Overview }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const tokens = overview.hours.map((hour) => hour.tokens);
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0);
  const calls = sum(overview.hours.map((hour) => hour.calls));
  return (
    <Card
      isFlush
      className="flex flex-col overflow-hidden [&>div]:flex [&>div]:flex-1 [&>div]:flex-col"
      title={t('day.title')}
      actions={
        <Link to="/usage" className="flex items-center gap-1 text-xs text-muted hover:text-ink">
          {t('nav.usage')}
          <ArrowRightIcon className="size-3.5" />
        </Link>
      }
    >
      <dl className="flex gap-8 px-5 pb-4">
        <div>
          <dt className="text-xs text-muted">{t('day.tokens')}</dt>
          <dd className="text-xl leading-7 font-semibold tracking-tight tabular">
            {format.compact(sum(tokens))}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">{t('day.calls')}</dt>
          <dd className="text-xl leading-7 font-semibold tracking-tight tabular">
            {format.compact(calls)}
          </dd>
        </div>
      </dl>
      <div className="mt-auto">
        <Sparkline label={t('day.label')} values={tokens} />
      </div>
    </Card>
  );
}
