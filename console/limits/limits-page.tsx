/** What the tenant, its projects and its keys may use, and how much of it they are using. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Limit, cloud } from '../cloud.ts';
import { tenantsQuery } from '../settings/queries.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { GaugeIcon, PlusIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { LimitCard } from './limit-card.tsx';
import { LimitForm, type Scope } from './limit-form.tsx';
import { LIMITS_KEY, limitsQuery } from './queries.ts';
import { useScopes } from './use-scopes.ts';

type Viewed = Readonly<{ id: string; name: string }>;

export function LimitsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [viewed, setViewed] = useState<Viewed>(me.tenant);
  const [isCreating, setIsCreating] = useState(false);
  const scopes = useScopes(viewed);
  const limits = useQuery(limitsQuery(viewed.id)).data ?? [];
  // What is limited already is changed where it stands, so that nothing is replaced unseen.
  const unlimited = scopes.filter(
    ({ level, scopeId }) =>
      !limits.some((limit) => limit.level === level && limit.scopeId === scopeId),
  );
  const add = unlimited.length > 0 && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      <PlusIcon />
      {t('limits.create')}
    </Button>
  );
  const actions = (
    <>
      {mayOperate(me, 'tenants') && <TenantChoice viewed={viewed} onChange={setViewed} />}
      {add}
    </>
  );
  return (
    <Page title={t('nav.limits')} description={t('limits.text')} actions={actions}>
      <LimitList viewed={viewed} scopes={scopes} />
      {isCreating && (
        <LimitForm limit={null} scopes={unlimited} onClose={() => setIsCreating(false)} />
      )}
    </Page>
  );
}

type TenantChoiceProps = Readonly<{ viewed: Viewed; onChange: (tenant: Viewed) => void }>;

function TenantChoice({ viewed, onChange }: TenantChoiceProps) {
  const { t } = useTranslation();
  const tenants = useInfiniteQuery(tenantsQuery).data ?? [];
  if (tenants.length < 2) return null;
  return (
    <Select
      label={t('limits.viewed')}
      value={viewed.id}
      onChange={(id) => onChange(tenants.find((tenant) => tenant.id === id) ?? viewed)}
      choices={tenants.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}

function LimitList({ viewed, scopes }: Readonly<{ viewed: Viewed; scopes: readonly Scope[] }>) {
  const { t } = useTranslation();
  const { currency } = useMe().tenant;
  const { data, error, refetch } = useQuery(limitsQuery(viewed.id));
  const [edited, setEdited] = useState<Limit | null>(null);
  const [doomed, setDoomed] = useState<Limit | null>(null);
  const removal = useConfirmedRemoval({
    remove: async () => {
      if (doomed !== null) await cloud.limits.remove(doomed.level, doomed.scopeId);
    },
    queryKey: LIMITS_KEY,
    done: t('limits.removed'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  const isMine = ({ level, scopeId }: Limit): boolean =>
    scopes.some((scope) => scope.level === level && scope.scopeId === scopeId);
  return (
    <div className="space-y-4">
      {data === undefined && (
        <Card isFlush>
          <SkeletonRows rows={3} />
        </Card>
      )}
      {data?.length === 0 && (
        <Card isFlush>
          <Empty icon={GaugeIcon} title={t('limits.empty')}>
            {t('limits.emptyText')}
          </Empty>
        </Card>
      )}
      {data?.map((limit) => (
        <LimitCard
          key={`${limit.level} ${limit.scopeId}`}
          limit={limit}
          currency={currency}
          onEdit={isMine(limit) ? () => setEdited(limit) : undefined}
          onRemove={isMine(limit) ? () => setDoomed(limit) : undefined}
        />
      ))}
      {edited !== null && (
        <LimitForm limit={edited} scopes={scopes} onClose={() => setEdited(null)} />
      )}
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('limits.removeTitle', { name: doomed?.name ?? '' })}
        text={t('limits.removeText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.scopeId)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}
