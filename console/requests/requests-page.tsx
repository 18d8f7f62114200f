/** Every call as it ends: found by what it was, and opened for where its time and money went. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { ListIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Switch } from '../ui/switch.tsx';
import { CacheDialog } from './cache-dialog.tsx';
import { Filters } from './filters.tsx';
import { requestsQuery } from './queries.ts';
import { RequestDrawer } from './request-drawer.tsx';
import { RequestTable } from './request-table.tsx';

const route = getRouteApi('/signed-in/requests');

export function RequestsPage() {
  const { t } = useTranslation();
  const { request, settings } = route.useSearch();
  const navigate = useNavigate({ from: '/requests' });
  const [isLive, setLive] = useState(true);
  const isBuilder = maySee(useMe().role, 'building');
  return (
    <Page
      title={t('nav.requests')}
      description={t('requests.text')}
      actions={
        isBuilder && (
          <Button onClick={() => void navigate({ search: (now) => ({ ...now, settings: true }) })}>
            {t('cache.title')}
          </Button>
        )
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <Filters />
        <FindById />
        <Switch label={t('requests.live')} isOn={isLive} onChange={setLive} />
      </div>
      <RequestList isLive={isLive} />
      {request !== undefined && (
        <RequestDrawer
          requestId={request}
          onClose={() =>
            void navigate({ search: ({ request: _closed, ...rest }) => rest, resetScroll: false })
          }
        />
      )}
      {settings === true && (
        <CacheDialog
          onClose={() => void navigate({ search: ({ settings: _closed, ...rest }) => rest })}
        />
      )}
    </Page>
  );
}

/** Whoever has an id from a log wants that one call and no list. */
function FindById() {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/requests' });
  const [id, setId] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ search: (now) => ({ ...now, request: id.trim() }) });
  };
  return (
    <form onSubmit={onSubmit} className="flex min-w-0 flex-1 basis-56">
      <input
        type="search"
        required
        aria-label={t('requests.find')}
        placeholder={t('requests.find')}
        value={id}
        onChange={(event) => setId(event.target.value)}
        className={classNames(INPUT_CLASS, 'h-7 max-w-80')}
      />
    </form>
  );
}

function RequestList({ isLive }: Readonly<{ isLive: boolean }>) {
  const { t } = useTranslation();
  const { model, key, outcome, status, cache, tag } = route.useSearch();
  const filter = { model, key, outcome, status, cache, tag };
  const query = useInfiniteQuery(requestsQuery(filter, isLive));
  const { data, error, refetch } = query;
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card isFlush className="overflow-hidden">
      {data === undefined && <SkeletonRows rows={8} />}
      {data?.length === 0 && (
        <Empty icon={ListIcon} title={t('requests.empty')}>
          {t('requests.emptyText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <RequestTable events={data} />}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
    </Card>
  );
}
