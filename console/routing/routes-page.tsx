/** Names that stand for models: who gets which share, and what is tried when that fails. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Route, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { BranchIcon, PlusIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { routesQuery } from './queries.ts';
import { RouteCard } from './route-card.tsx';
import { RouteForm } from './route-form.tsx';

export function RoutesPage() {
  const { t } = useTranslation();
  const [isCreating, setIsCreating] = useState(false);
  const isBuilder = maySee(useMe().role, 'building');
  const add = isBuilder && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      <PlusIcon />
      {t('routing.create')}
    </Button>
  );
  return (
    <Page title={t('nav.routes')} description={t('routing.text')} actions={add}>
      <RouteList action={add} />
      {isCreating && <RouteForm route={null} onClose={() => setIsCreating(false)} />}
    </Page>
  );
}

function RouteList({ action }: Readonly<{ action: ReactNode }>) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(routesQuery);
  const { data, error, refetch } = query;
  const [edited, setEdited] = useState<Route | null>(null);
  const [doomed, setDoomed] = useState<Route | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.routes.remove(id),
    queryKey: routesQuery.queryKey,
    done: t('routing.deleted'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined) {
    return error === null ? (
      <Card isFlush>
        <SkeletonRows rows={3} />
      </Card>
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.length === 0) {
    return (
      <Card isFlush>
        <Empty icon={BranchIcon} title={t('routing.empty')} action={action}>
          {t('routing.emptyText')}
        </Empty>
      </Card>
    );
  }
  return (
    <div className="space-y-4">
      {data.map((route) => (
        <RouteCard
          key={route.id}
          route={route}
          onEdit={() => setEdited(route)}
          onDelete={() => setDoomed(route)}
        />
      ))}
      <LoadMore query={query} label={t('action.more')} />
      {edited !== null && <RouteForm route={edited} onClose={() => setEdited(null)} />}
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('routing.deleteTitle', { name: doomed?.name ?? '' })}
        text={t('routing.deleteText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}
