/** The month so far, and the invoices of the tenant. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Invoice } from '../cloud.ts';
import { formatMoney } from '../format/money.ts';
import { Failure } from '../shell/failure.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { invoicesQuery, previewQuery } from './invoices-queries.ts';

export function InvoicesTab() {
  const { t } = useTranslation();
  const invoices = useInfiniteQuery(invoicesQuery);
  const { data, error, refetch } = invoices;
  return (
    <div className="space-y-4">
      <MonthSoFar />
      <Card isFlush title={t('invoices.list')}>
        {data === undefined && error !== null && (
          <Failure error={error} onRetry={() => void refetch()} />
        )}
        {data === undefined && error === null && <SkeletonRows rows={3} />}
        {data?.length === 0 && (
          <Empty icon={FileIcon} title={t('invoices.none')}>
            {t('invoices.noneText')}
          </Empty>
        )}
        {data !== undefined && data.length > 0 && <InvoiceTable invoices={data} />}
        <LoadMore query={invoices} label={t('action.more')} />
      </Card>
    </div>
  );
}

function MonthSoFar() {
  const { t } = useTranslation();
  const { data } = useQuery(previewQuery);
  if (data === undefined) return null;
  const { statement, closesAt } = data;
  const { currency } = statement;
  const sums: readonly (readonly [string, string])[] = [
    [t('invoices.usage'), statement.usage],
    [t('invoices.paidByOthers'), statement.deducted],
    [t('invoices.tax'), statement.tax?.amount ?? '0'],
    [t('invoices.total'), statement.total],
  ];
  return (
    <Card title={t('invoices.month')}>
      <dl className="grid gap-4 sm:grid-cols-4">
        {sums.map(([name, amount]) => (
          <div key={name}>
            <dt className="text-sm text-muted">{name}</dt>
            <dd className="text-lg font-medium">{formatMoney(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-sm text-muted">
        {t('invoices.closes', { day: closesAt.slice(0, 10) })}
      </p>
    </Card>
  );
}

const TONES: Readonly<Record<Invoice['state'], Tone>> = {
  open: 'info',
  paid: 'good',
  uncollectible: 'quiet',
  void: 'quiet',
};

const LABELS = {
  open: 'invoices.open',
  paid: 'invoices.paid',
  uncollectible: 'invoices.uncollectible',
  void: 'invoices.void',
} as const;

function InvoiceTable({ invoices }: Readonly<{ invoices: readonly Invoice[] }>) {
  const { t } = useTranslation();
  return (
    <Table
      label={t('invoices.list')}
      columns={[
        { key: 'number', label: t('invoices.number') },
        { key: 'period', label: t('invoices.period') },
        { key: 'due', label: t('invoices.due') },
        { key: 'amount', label: t('invoices.amount'), isNumber: true },
        { key: 'owed', label: t('invoices.owed'), isNumber: true },
        { key: 'state', label: t('invoices.state') },
        { key: 'download', label: t('invoices.download') },
      ]}
    >
      {invoices.map((invoice) => (
        <Row key={invoice.id} isDim={invoice.state === 'void'}>
          <Cell className="whitespace-nowrap">{invoice.number}</Cell>
          <Cell>{invoice.period}</Cell>
          <Cell className="whitespace-nowrap">{invoice.dueOn}</Cell>
          <Cell isNumber>{formatMoney(invoice.total, invoice.currency)}</Cell>
          <Cell isNumber>{formatMoney(invoice.outstanding, invoice.currency)}</Cell>
          <Cell>
            <Pill tone={invoice.isOverdue ? 'bad' : TONES[invoice.state]}>
              {t(invoice.isOverdue ? 'invoices.overdue' : LABELS[invoice.state])}
            </Pill>
          </Cell>
          <Cell>
            <Downloads invoice={invoice} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Downloads({ invoice }: Readonly<{ invoice: Invoice }>) {
  return (
    <span className="flex gap-1">
      {(['pdf', 'csv', 'focus'] as const).map((format) => (
        <a
          key={format}
          className={buttonClass('ghost', 'sm')}
          href={`/cloud/v1/invoices/${invoice.id}/download?format=${format}`}
          aria-label={`${invoice.number} ${format.toUpperCase()}`}
          download
        >
          {format.toUpperCase()}
        </a>
      ))}
    </span>
  );
}
