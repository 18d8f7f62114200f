/** The machines and processes behind the page, as they report themselves. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { IntegrityCard } from '../storage/integrity.tsx';
import { Card } from '../ui/card.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { nodesQuery, statusQuery } from './queries.ts';

export function CloudStatus() {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const { data, error, refetch } = useQuery(statusQuery);
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  if (data === undefined) return <SkeletonRows rows={4} />;
  return (
    <div className="space-y-4">
      <dl className="grid gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-3">
        <Fact label={t('status.version')}>{data.version}</Fact>
        <Fact label={t('status.database')}>
          {data.database.kind === 'embedded' ? t('status.embedded') : 'PostgreSQL'}{' '}
          {data.database.version}
        </Fact>
        <Fact label={t('status.started')}>{format.ago(data.startedAt)}</Fact>
      </dl>
      <Nodes />
      {me.role === 'owner' && mayOperate(me, 'tenants') && <IntegrityCard />}
      <Card isFlush title={t('status.gateways')} className="overflow-hidden">
        <Table
          label={t('status.gateways')}
          columns={[
            { key: 'id', label: t('settings.id') },
            { key: 'state', label: t('keys.state') },
            { key: 'region', label: t('status.region') },
            { key: 'feed', label: t('status.feed'), isNumber: true },
            { key: 'unshipped', label: t('status.unshipped'), isNumber: true },
          ]}
        >
          {data.gateways.map((gateway) => (
            <Row key={gateway.id}>
              <Cell className="font-mono text-xs">{gateway.id}</Cell>
              <Cell>
                <Online isOnline={gateway.isOnline} />
              </Cell>
              <Cell>{gateway.region}</Cell>
              <Cell isNumber>{format.number(gateway.feedVersion)}</Cell>
              <Cell isNumber>{format.bytes(gateway.unshippedBytes)}</Cell>
            </Row>
          ))}
        </Table>
      </Card>
    </div>
  );
}

function Nodes() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(nodesQuery);
  return (
    <Card isFlush title={t('status.nodes')} className="overflow-hidden">
      <Table
        label={t('status.nodes')}
        columns={[
          { key: 'name', label: t('settings.name') },
          { key: 'state', label: t('keys.state') },
          { key: 'region', label: t('status.region') },
          { key: 'cores', label: t('status.cores'), isNumber: true },
          { key: 'memory', label: t('status.memory'), isNumber: true },
          { key: 'replicas', label: t('status.replicas'), isNumber: true },
        ]}
      >
        {(data?.data ?? []).map((node) => (
          <Row key={node.id}>
            <Cell className="font-medium">{node.name}</Cell>
            <Cell>
              <Online isOnline={node.isOnline} />
            </Cell>
            <Cell>
              {node.region} / {node.zone}
            </Cell>
            <Cell isNumber>{format.number(node.cores)}</Cell>
            <Cell isNumber>{format.bytes(node.memoryBytes)}</Cell>
            <Cell isNumber>{format.number(node.replicas)}</Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

function Fact({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className="bg-surface px-5 py-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="mt-0.5 text-base font-medium break-words tabular">{children}</dd>
    </div>
  );
}

function Online({ isOnline }: Readonly<{ isOnline: boolean }>) {
  const { t } = useTranslation();
  return (
    <Pill tone={isOnline ? 'good' : 'bad'}>
      {isOnline ? t('status.online') : t('status.offline')}
    </Pill>
  );
}
