/** What tenants owe and the steps taken about it, their invoices, and the terms they are billed by. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { receivablesQuery } from '../billing/invoices-queries.ts';
import type { Receivables } from '../cloud.ts';
import { formatMoney } from '../format/money.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { Banner, Empty } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { AllInvoices, OpenInvoice } from './receivables-invoices.tsx';
import { TermsCard } from './terms-card.tsx';

const BUCKETS = {
  current: 'invoices.current',
  days_1_30: 'invoices.days_1_30',
  days_31_60: 'invoices.days_31_60',
  days_61_90: 'invoices.days_61_90',
  days_over_90: 'invoices.days_over_90',
} as const;

const STEPS = {
  warn: 'invoices.stepWarn',
  restrict: 'invoices.stepRestrict',
  stop: 'invoices.stepStop',
} as const;

export function ReceivablesTab() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(receivablesQuery);
  if (data === undefined) {
    if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
    return <SkeletonRows rows={3} />;
  }
  return (
    <div className="space-y-4">
      {data.problems.length > 0 && (
        <Banner tone="bad" title={t('invoices.problems')}>
          {data.problems
            .map(({ tenantId, period, problem }) => `${tenantId} ${period}: ${problem}`)
            .join(' · ')}
        </Banner>
      )}
      {data.totals.map(({ currency, buckets }) => (
        <Card key={currency} title={t('invoices.ageing', { currency })}>
          <dl className="grid gap-4 sm:grid-cols-5">
            {buckets.map(({ bucket, amount }) => (
              <div key={bucket}>
                <dt className="text-sm text-muted">{t(BUCKETS[bucket])}</dt>
                <dd className="text-lg font-medium tabular">{formatMoney(amount, currency)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
      <AllInvoices />
      <OpenInvoice />
      <Owing tenants={data.tenants} />
      <TermsCard />
    </div>
  );
}

function Owing({ tenants }: Readonly<{ tenants: Receivables['tenants'] }>) {
  const { t } = useTranslation();
  return (
    <Card isFlush title={t('invoices.receivables')}>
      {tenants.length === 0 ? (
        <Empty icon={FileIcon} title={t('invoices.receivablesNone')} />
      ) : (
        <Table
          label={t('invoices.receivables')}
          columns={[
            { key: 'tenant', label: t('invoices.tenant') },
            { key: 'owed', label: t('invoices.owed'), isNumber: true },
            { key: 'overdue', label: t('invoices.overdue'), isNumber: true },
            { key: 'due', label: t('invoices.due') },
            { key: 'step', label: t('invoices.step') },
          ]}
        >
          {tenants.map((tenant) => (
            <Row key={tenant.tenantId}>
              <Cell>{tenant.tenantName}</Cell>
              <Cell isNumber>{formatMoney(tenant.outstanding, tenant.currency)}</Cell>
              <Cell isNumber>{formatMoney(tenant.overdue, tenant.currency)}</Cell>
              <Cell>{tenant.oldestDueOn}</Cell>
              <Cell>
                {tenant.restriction !== null && (
                  <Pill tone="warn">{t(STEPS[tenant.restriction])}</Pill>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Card>
  );
}
