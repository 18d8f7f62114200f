/** Other clouds behind this one: their keys, the models they serve here, and what those cost. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Provider, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { mayOperate, maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CloudIcon, PlusIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Banner, Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { AddModels } from './add-models.tsx';
import { CreateProvider } from './create-provider.tsx';
import { Margin } from './margin.tsx';
import { ProviderCard } from './provider-card.tsx';
import { providersQuery } from './queries.ts';

const route = getRouteApi('/signed-in/providers');

export function ProvidersPage() {
  const { t } = useTranslation();
  const { create } = route.useSearch();
  const navigate = useNavigate({ from: '/providers' });
  const me = useMe();
  const mayWrite = maySee(me.role, 'inviting');
  const seesMargin = mayOperate(me, 'credit');
  const add = mayWrite && (
    <Button variant="primary" onClick={() => void navigate({ search: { create: true } })}>
      <PlusIcon />
      {t('providers.create')}
    </Button>
  );
  return (
    <Page title={t('nav.providers')} description={t('providers.text')} actions={add}>
      <div className="space-y-4">
        <Banner tone="info">{t('providers.policy')}</Banner>
        {seesMargin && <Margin />}
        <ProviderList action={add} mayWrite={mayWrite} />
      </div>
      {create === true && <CreateProvider onClose={() => void navigate({ search: {} })} />}
    </Page>
  );
}

function ProviderList({ action, mayWrite }: Readonly<{ action: ReactNode; mayWrite: boolean }>) {
  const { t } = useTranslation();
  const { models } = route.useSearch();
  const navigate = useNavigate({ from: '/providers' });
  const query = useInfiniteQuery(providersQuery);
  const { data, error, refetch } = query;
  const [doomed, setDoomed] = useState<Provider | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.providers.remove(id),
    queryKey: providersQuery.queryKey,
    done: t('providers.removed'),
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
        <Empty icon={CloudIcon} title={t('providers.empty')} action={action}>
          {t('providers.emptyText')}
        </Empty>
      </Card>
    );
  }
  const chosen = data.find(({ id }) => id === models);
  return (
    <>
      {data.map((provider) => (
        <ProviderCard
          key={provider.id}
          provider={provider}
          mayWrite={mayWrite}
          onModels={() => void navigate({ search: { models: provider.id } })}
          onRemove={() => setDoomed(provider)}
        />
      ))}
      <LoadMore query={query} label={t('action.more')} />
      {chosen !== undefined && (
        <AddModels provider={chosen} onClose={() => void navigate({ search: {} })} />
      )}
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('providers.removeTitle', { name: doomed?.name ?? '' })}
        text={t('providers.removeText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </>
  );
}
