/** For the operator: who is served by this cloud, how another one joins, and what credit they get. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tenant } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Pill, Tag } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { QuotaDialog } from '../storage/quota-dialog.tsx';
import { CreateTenant } from './create-tenant.tsx';
import { GiveCredit } from './give-credit.tsx';
import { LeaseModeDialog } from './lease-mode.tsx';
import { tenantsQuery } from './queries.ts';

export function Tenants() {
  const { t } = useTranslation();
  const [isCreating, setIsCreating] = useState(false);
  const [credited, setCredited] = useState<Tenant | null>(null);
  const [storageOf, setStorageOf] = useState<Tenant | null>(null);
  const [modeOf, setModeOf] = useState<Tenant | 'cloud' | null>(null);
  const query = useInfiniteQuery(tenantsQuery);
  const { data, error, refetch } = query;
  const me = useMe();
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card
      isFlush
      className="overflow-hidden"
      title={t('tenants.title')}
      description={t('tenants.text')}
      actions={
        <div className="flex flex-wrap gap-2">
          {mayOperate(me, 'credit') && (
            <Button size="sm" onClick={() => setModeOf('cloud')}>
              {t('leaseMode.title')}
            </Button>
          )}
          {mayOperate(me, 'tenants') && (
            <Button size="sm" onClick={() => setIsCreating(true)}>
              <PlusIcon />
              {t('tenants.create')}
            </Button>
          )}
        </div>
      }
    >
      {data === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <TenantTable
          tenants={data}
          onCredit={mayOperate(me, 'credit') ? setCredited : undefined}
          onMode={setModeOf}
          onStorage={mayOperate(me, 'tenants') ? setStorageOf : undefined}
        />
      )}
      {data?.length === 1 && (
        <p className="border-t px-5 py-4 text-sm text-muted">{t('tenants.empty')}</p>
      )}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
      {isCreating && <CreateTenant onClose={() => setIsCreating(false)} />}
      {modeOf !== null && (
        <LeaseModeDialog
          tenant={modeOf === 'cloud' ? null : modeOf}
          onClose={() => setModeOf(null)}
        />
      )}
      {storageOf !== null && <QuotaDialog tenant={storageOf} onClose={() => setStorageOf(null)} />}
      {credited !== null && <GiveCredit tenant={credited} onClose={() => setCredited(null)} />}
    </Card>
  );
}

type Actions = Readonly<{
  onCredit: ((tenant: Tenant) => void) | undefined;
  onMode: (tenant: Tenant) => void;
  onStorage: ((tenant: Tenant) => void) | undefined;
}>;

type TenantTableProps = Actions & Readonly<{ tenants: readonly Tenant[] }>;

function TenantTable({ tenants, ...actions }: TenantTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table
      label={t('tenants.title')}
      columns={[
        { key: 'name', label: t('settings.name') },
        { key: 'kind', label: t('tenants.kind') },
        { key: 'currency', label: t('tenants.currency') },
        { key: 'state', label: t('keys.state') },
        { key: 'created', label: t('keys.created') },
        {
          key: 'credit',
          label: <span className="sr-only">{t('tenants.credit')}</span>,
          isNumber: true,
        },
      ]}
    >
      {tenants.map((tenant) => (
        <Row key={tenant.id}>
          <Cell className="min-w-36 font-medium">{tenant.name}</Cell>
          <Cell>
            <Tag>{t(KIND_LABELS[tenant.kind])}</Tag>
          </Cell>
          <Cell className="text-muted">{tenant.currency}</Cell>
          <Cell>
            <Pill tone={tenant.state === 'active' ? 'good' : 'bad'}>
              {t(STATE_LABELS[tenant.state])}
            </Pill>
          </Cell>
          <Cell className="whitespace-nowrap text-muted">{format.day(tenant.createdAt)}</Cell>
          <Cell isNumber>
            <TenantActions tenant={tenant} {...actions} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function TenantActions({
  tenant,
  onCredit,
  onMode,
  onStorage,
}: Actions & Readonly<{ tenant: Tenant }>) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex gap-2">
      {onStorage !== undefined && (
        <Button
          size="sm"
          variant="ghost"
          aria-label={t('storage.of', { name: tenant.name })}
          onClick={() => onStorage(tenant)}
        >
          {t('storage.short')}
        </Button>
      )}
      {onCredit !== undefined && (
        <>
          {tenant.kind !== 'operator' && (
            <Button
              size="sm"
              variant="ghost"
              aria-label={t('leaseMode.of', { name: tenant.name })}
              onClick={() => onMode(tenant)}
            >
              {t('leaseMode.short')}
            </Button>
          )}
          <Button
            size="sm"
            aria-label={t('tenants.creditTo', { name: tenant.name })}
            onClick={() => onCredit(tenant)}
          >
            {t('tenants.credit')}
          </Button>
        </>
      )}
    </span>
  );
}

const KIND_LABELS = {
  operator: 'tenants.operator',
  partner: 'tenants.partner',
  customer: 'tenants.customer',
} as const;

const STATE_LABELS = { active: 'tenants.active', suspended: 'tenants.suspended' } as const;
