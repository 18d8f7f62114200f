/** What the running month has come to on paper, and when it will be billed. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { previewQuery } from './invoices-queries.ts';

export function NextInvoice() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { data, error } = useQuery(previewQuery);
  if (data === undefined && error !== null) return null;
  return (
    <Card
      title={t('spend.nextInvoice')}
      actions={
        <Link to="/billing" search={{ tab: 'invoices' }} className={buttonClass('ghost', 'sm')}>
          {t('billing.invoices')}
        </Link>
      }
    >
      {data === undefined ? (
        <Skeleton className="h-14" />
      ) : (
        <>
          <p className="text-lg font-semibold tracking-tight tabular">
            {format.moneyShort(data.statement.total, data.statement.currency)}
          </p>
          <p className="text-sm text-muted">
            {t('spend.nextInvoiceText', {
              period: daysOf(data.statement.period, i18n.language),
            })}
          </p>
          <p className="mt-1 text-xs text-muted">
            {t('spend.nextInvoiceCloses', { day: format.day(data.closesAt) })}
          </p>
        </>
      )}
    </Card>
  );
}

/** The days are of the tenant's own calendar, and have no clock: `Nov 1 – 30, 2026`. */
function daysOf(
  { firstDate, lastDate }: Readonly<{ firstDate: string; lastDate: string }>,
  language: string,
): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return format.formatRange(new Date(firstDate), new Date(lastDate));
}
