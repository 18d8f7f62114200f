/** The month so far, and the invoices of the tenant. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Invoice } from '../cloud.ts';
import { formatMoney } from '../format/money.ts';
import { Failure } from '../shell/failure.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { InvoiceDrawer } from './invoice-drawer.tsx';
import { Downloads, InvoicePill, OPEN_MONTH } from './invoice-parts.tsx';
import { invoicesQuery, previewQuery } from './invoices-queries.ts';

const route = getRouteApi('/signed-in/billing');

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
      <OpenInvoice />
    </div>
  );
}

/** What is open is in the address, and so is the line whose requests are shown. */
function OpenInvoice() {
  const { invoice, line } = route.useSearch();
  const navigate = useNavigate({ from: '/billing' });
  if (invoice === undefined) return null;
  const show = (part: Readonly<{ invoice?: string; line?: string }>): void =>
    void navigate({
      search: ({ invoice: _invoice, line: _line, ...rest }) => ({ ...rest, ...part }),
      resetScroll: false,
    });
  return (
    <InvoiceDrawer
      id={invoice}
      line={line}
      onLine={(next) => show(next === undefined ? { invoice } : { invoice, line: next })}
      onClose={() => show({})}
      renderRequest={({ requestId }) => (
        <Link
          to="/requests"
          search={{ request: requestId }}
          className="underline-offset-2 hover:underline"
        >
          {requestId}
        </Link>
      )}
    />
  );
}

function MonthSoFar() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(previewQuery);
  if (data === undefined) {
    if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
    return <SkeletonRows rows={2} />;
  }
  const { statement, closesAt } = data;
  const { currency } = statement;
  const sums: readonly (readonly [string, string])[] = [
    [t('invoices.usage'), statement.usage],
    [t('invoices.paidByOthers'), statement.deducted],
    [t('invoices.tax'), statement.tax?.amount ?? '0'],
    [t('invoices.total'), statement.total],
  ];
  return (
    <Card
      title={t('invoices.month')}
      actions={
        <Link
          to="/billing"
          search={{ tab: 'invoices', invoice: OPEN_MONTH }}
          resetScroll={false}
          className={buttonClass('secondary', 'sm')}
        >
          {t('invoices.inDetail')}
        </Link>
      }
    >
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
          <Cell className="whitespace-nowrap">
            <Link
              to="/billing"
              search={{ tab: 'invoices', invoice: invoice.id }}
              resetScroll={false}
              className="font-medium underline-offset-2 hover:underline"
            >
              {invoice.number}
            </Link>
          </Cell>
          <Cell>{invoice.period}</Cell>
          <Cell className="whitespace-nowrap">{invoice.dueOn}</Cell>
          <Cell isNumber>{formatMoney(invoice.total, invoice.currency)}</Cell>
          <Cell isNumber>{formatMoney(invoice.outstanding, invoice.currency)}</Cell>
          <Cell>
            <InvoicePill invoice={invoice} />
          </Cell>
          <Cell>
            <Downloads id={invoice.id} name={invoice.number} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
