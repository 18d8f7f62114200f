/** One collection: what is in it, in its order; its owner changes both. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '#client/api-error.ts';
import { type Collection, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { NotFound } from '../shell/not-found.tsx';
import { PageSkeleton } from '../shell/page-skeleton.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ChevronRightIcon, LockIcon, PencilIcon, TrashIcon } from '../ui/icons.tsx';
import { AddItem } from './add-item.tsx';
import { CollectionForm } from './collection-form.tsx';
import { ItemList } from './item-list.tsx';
import { COLLECTIONS_KEY, collectionQuery } from './queries.ts';

export function CollectionPage() {
  const { owner = '', slug = '' } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(collectionQuery(`${owner}/${slug}`));
  if (data === undefined && error === null) return <PageSkeleton />;
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <div className="page-enter mx-auto w-full max-w-[62rem] px-4 pt-6 pb-16 sm:px-8">
      {data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <CollectionBody collection={data} />
      )}
    </div>
  );
}

function CollectionBody({ collection }: Readonly<{ collection: Collection }>) {
  const mayWrite = maySee(useMe().role, 'building') && collection.isYours;
  return (
    <>
      <title>{`${collection.title} · Flywheel`}</title>
      <Head collection={collection} mayWrite={mayWrite} />
      <ItemList collection={collection} mayWrite={mayWrite} />
      {mayWrite && <AddItem collection={collection} />}
    </>
  );
}

type HeadProps = Readonly<{ collection: Collection; mayWrite: boolean }>;

function Head({ collection, mayWrite }: HeadProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { title, description, owner, isPrivate, updatedAt } = collection;
  return (
    <header className="mb-6 flex flex-wrap items-end gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <nav
          aria-label={t('nav.breadcrumb')}
          className="flex items-center gap-1 text-sm text-muted"
        >
          <Link to="/collections" className="hover:text-ink">
            {t('nav.collections')}
          </Link>
          <ChevronRightIcon className="size-3.5 text-faint" />
          <span>{owner}</span>
        </nav>
        <h1 className="mt-1 flex items-center gap-2 text-xl leading-7 font-semibold tracking-tight">
          <span className="min-w-0 break-words">{title}</span>
          {isPrivate && <LockIcon className="text-muted" />}
        </h1>
        {description !== '' && <p className="mt-1 max-w-[44rem] text-muted">{description}</p>}
        <p className="mt-1 text-xs text-muted">
          {t('collections.byline', { owner, when: format.ago(updatedAt) })}
        </p>
      </div>
      {mayWrite && <Actions collection={collection} />}
    </header>
  );
}

function Actions({ collection }: Readonly<{ collection: Collection }>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const close = (): void => setOpen(null);
  const removal = useConfirmedRemoval({
    remove: async (slug) => {
      await cloud.collections.remove(slug);
      await navigate({ to: '/collections' });
    },
    queryKey: COLLECTIONS_KEY,
    done: t('collections.deleted'),
    onClose: close,
  });
  return (
    <div className="flex gap-2">
      <Button size="sm" onClick={() => setOpen('edit')}>
        <PencilIcon />
        {t('collections.edit')}
      </Button>
      <Button size="sm" variant="danger" onClick={() => setOpen('delete')}>
        <TrashIcon />
        {t('action.delete')}
      </Button>
      {open === 'edit' && <CollectionForm collection={collection} onClose={close} />}
      <ConfirmDialog
        isOpen={open === 'delete'}
        title={t('collections.deleteTitle', { title: collection.title })}
        text={t('collections.deleteText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => removal.mutate(collection.slug)}
        onClose={close}
      />
    </div>
  );
}
