/** What tenants owe, and the steps taken about it. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { receivablesQuery } from '../billing/invoices-queries.ts';
import { formatMoney } from '../format/money.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { Banner, Empty } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

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
  const { currency } = data;
  return (
    <div className="space-y-4">
      {data.problems.length > 0 && (
        <Banner tone="bad" title={t('invoices.problems')}>
          {data.problems
            .map(({ tenantId, period, problem }) => `${tenantId} ${period}: ${problem}`)
            .join(' · ')}
        </Banner>
      )}
      <Card>
        <dl className="grid gap-4 sm:grid-cols-5">
          {data.buckets.map(({ bucket, amount }) => (
            <div key={bucket}>
              <dt className="text-sm text-muted">{t(BUCKETS[bucket])}</dt>
              <dd className="text-lg font-medium">{formatMoney(amount, currency)}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card isFlush title={t('invoices.receivables')}>
        {data.tenants.length === 0 ? (
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
            {data.tenants.map((tenant) => (
              <Row key={tenant.tenantId}>
                <Cell>{tenant.tenantName}</Cell>
                <Cell isNumber>{formatMoney(tenant.outstanding, currency)}</Cell>
                <Cell isNumber>{formatMoney(tenant.overdue, currency)}</Cell>
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
    </div>
  );
}
