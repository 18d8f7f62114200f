/** What is served, by which replicas, and how they are. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Deployment, cloud } from '../cloud.ts';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { PlusIcon, ServerIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CreateDeployment } from './create-deployment.tsx';
import { DeploymentCard } from './deployment-card.tsx';
import { LogsDrawer } from './logs-drawer.tsx';
import { deploymentsQuery } from './queries.ts';

const route = getRouteApi('/signed-in/deployments');

export function DeploymentsPage() {
  const { t } = useTranslation();
  const { create, logs } = route.useSearch();
  const navigate = useNavigate({ from: '/deployments' });
  const isBuilder = maySee(useMe().role, 'building');
  const closeDialogs = (): void => void navigate({ search: {} });
  const add = isBuilder && (
    <Button variant="primary" onClick={() => void navigate({ search: { create: 'new' } })}>
      <PlusIcon />
      {t('deployments.create')}
    </Button>
  );
  return (
    <Page title={t('nav.deployments')} description={t('deployments.text')} actions={add}>
      <DeploymentList action={add} />
      {create !== undefined && (
        <CreateDeployment model={create === 'new' ? null : create} onClose={closeDialogs} />
      )}
      {logs !== undefined && <LogsDrawer deploymentId={logs} onClose={closeDialogs} />}
    </Page>
  );
}

function DeploymentList({ action }: Readonly<{ action: ReactNode }>) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/deployments' });
  const query = useInfiniteQuery(deploymentsQuery);
  const { data, error, refetch } = query;
  const [doomed, setDoomed] = useState<Deployment | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.deployments.remove(id),
    queryKey: deploymentsQuery.queryKey,
    done: t('deployments.deleted'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined) {
    return error === null ? (
      <Card isFlush>
        <SkeletonRows rows={4} />
      </Card>
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={ServerIcon} title={t('deployments.empty')} action={action}>
          {t('deployments.emptyText')}
        </Empty>
      </Card>
    );
  }
  return (
    <div className="space-y-4">
      {data.map((deployment) => (
        <DeploymentCard
          key={deployment.id}
          deployment={deployment}
          onLogs={() => void navigate({ search: { logs: deployment.id } })}
          onDelete={() => setDoomed(deployment)}
        />
      ))}
      <LoadMore query={query} label={t('action.more')} />
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('deployments.deleteTitle', { name: doomed?.modelName ?? '' })}
        text={t('deployments.deleteText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}
