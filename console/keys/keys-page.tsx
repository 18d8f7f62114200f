/** The secrets that act for this tenant: made here, shown once, revoked in two seconds. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Key, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { KeyIcon, PlusIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CreateKey } from './create-key.tsx';
import { KeyTable } from './key-table.tsx';
import { keysQuery } from './queries.ts';

const route = getRouteApi('/signed-in/keys');

export function KeysPage() {
  const { t } = useTranslation();
  const { create } = route.useSearch();
  const navigate = useNavigate({ from: '/keys' });
  const isBuilder = maySee(useMe().role, 'building');
  const add = isBuilder && (
    <Button variant="primary" onClick={() => void navigate({ search: { create: true } })}>
      <PlusIcon />
      {t('keys.create')}
    </Button>
  );
  return (
    <Page title={t('nav.keys')} description={t('keys.text')} actions={add}>
      <KeyList action={add} />
      {create === true && <CreateKey onClose={() => void navigate({ search: {} })} />}
    </Page>
  );
}

function KeyList({ action }: Readonly<{ action: ReactNode }>) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(keysQuery);
  const { data, error, refetch } = query;
  const [doomed, setDoomed] = useState<Key | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.keys.revoke(id),
    queryKey: keysQuery.queryKey,
    done: t('keys.revoked'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card isFlush className="overflow-hidden">
      {data === undefined && <SkeletonRows rows={3} />}
      {data?.length === 0 && (
        <Empty icon={KeyIcon} title={t('keys.empty')} action={action}>
          {t('keys.emptyText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <KeyTable keys={data} onRevoke={setDoomed} />}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('keys.revokeTitle', { name: doomed?.name ?? '' })}
        text={t('keys.revokeText')}
        confirmLabel={t('keys.revoke')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </Card>
  );
}
