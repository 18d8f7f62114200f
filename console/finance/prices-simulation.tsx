/** What the last 30 days would have brought by the prices of a draft. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PriceDraft, PriceSimulation } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { simulationQuery } from './prices-queries.ts';

type By = 'tenants' | 'models' | 'rows';

export function PriceSimulationView({ draft }: Readonly<{ draft: PriceDraft }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [by, setBy] = useState<By>('tenants');
  const { data, error, refetch } = useQuery(simulationQuery(draft.id, draft.revision));
  if (error !== null && data === undefined) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  if (data === undefined) return <Skeleton className="h-48 rounded-xl" />;
  const { total, currency } = data;
  if (total.calls === 0) return <p className="text-sm text-muted">{t('prices.noUsage')}</p>;
  return (
    <div className="space-y-4">
      <dl className="grid gap-4 sm:grid-cols-3">
        <Total label={t('prices.now')} value={format.money(total.nowAmount, currency)} />
        <Total label={t('prices.then')} value={format.money(total.thenAmount, currency)} />
        <Total label={t('prices.difference')} value={signed(total.difference, currency, format)} />
      </dl>
      {data.approximated.length > 0 && (
        <Banner tone="info">
          {t('prices.approximated', { names: data.approximated.join(', ') })}
        </Banner>
      )}
      <Card
        isFlush
        title={t('prices.simulation')}
        description={`${format.time(data.from)} – ${format.time(data.to)}`}
        actions={
          <Segmented
            label={t('usage.by')}
            value={by}
            onChange={setBy}
            choices={[
              { value: 'tenants', label: t('prices.tenant') },
              { value: 'models', label: t('usage.byModel') },
              { value: 'rows', label: t('prices.both') },
            ]}
          />
        }
      >
        <SimulationTable data={data} by={by} />
      </Card>
    </div>
  );
}

function SimulationTable({ data, by }: Readonly<{ data: PriceSimulation; by: By }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency } = data;
  const lines = data[by].map((row) => ({
    ...row,
    name: [
      ...('tenantName' in row ? [row.tenantName] : []),
      ...('model' in row ? [row.model] : []),
    ].join(' · '),
    key: ['tenantId' in row ? row.tenantId : '', 'model' in row ? row.model : ''].join(' '),
  }));
  return (
    <Table
      label={t('prices.simulation')}
      columns={[
        { key: 'name', label: by === 'models' ? t('usage.byModel') : t('prices.tenant') },
        { key: 'calls', label: t('usage.calls'), isNumber: true },
        { key: 'now', label: t('prices.now'), isNumber: true },
        { key: 'then', label: t('prices.then'), isNumber: true },
        { key: 'difference', label: t('prices.difference'), isNumber: true },
      ]}
    >
      {lines.map((line) => (
        <Row key={line.key}>
          <Cell className="min-w-40 font-medium">{line.name}</Cell>
          <Cell isNumber>{format.number(line.calls)}</Cell>
          <Cell isNumber>{format.money(line.nowAmount, currency)}</Cell>
          <Cell isNumber>{format.money(line.thenAmount, currency)}</Cell>
          <Cell isNumber>{signed(line.difference, currency, format)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

function Total({ label, value }: Readonly<{ label: string; value: string }>) {
  return (
    <div className="min-w-0 rounded-xl border px-4 py-3">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="truncate text-lg font-semibold tabular" title={value}>
        {value}
      </dd>
    </div>
  );
}

function signed(
  amount: string,
  currency: string,
  format: Pick<ReturnType<typeof useFormat>, 'money'>,
): string {
  const text = format.money(amount, currency);
  return amount.startsWith('-') || amount === '0' ? text : `+${text}`;
}
