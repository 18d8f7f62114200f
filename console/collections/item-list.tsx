/** What a collection holds, in its order. */
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Collection, type CollectionItem, cloud } from '../cloud.ts';
import { PAGES, paramsOf } from '../repositories/address.ts';
import { IconButton } from '../ui/button.tsx';
import {
  ArrowUpIcon,
  ChevronDownIcon,
  CloseIcon,
  ModelIcon,
  PanelIcon,
  RowsIcon,
  StackIcon,
} from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';
import { slugParams, useTakeCollection } from './queries.ts';

type ListProps = Readonly<{ collection: Collection; mayWrite: boolean }>;

export function ItemList({ collection, mayWrite }: ListProps) {
  const { t } = useTranslation();
  const { items } = collection;
  if (items.length === 0) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={StackIcon} title={t('collections.empty')}>
          {t('collections.emptyText')}
        </Empty>
      </div>
    );
  }
  return (
    <ol className="rounded-xl border bg-surface">
      {items.map((item, index) => (
        <Item key={item.id} item={item} index={index} collection={collection} mayWrite={mayWrite} />
      ))}
    </ol>
  );
}

const ICONS = { model: ModelIcon, dataset: RowsIcon, space: PanelIcon, collection: StackIcon };

export const KIND_LABELS = {
  model: 'collections.model',
  dataset: 'collections.dataset',
  space: 'collections.space',
  collection: 'collections.collection',
} as const satisfies Readonly<Record<CollectionItem['kind'], string>>;

type ItemProps = ListProps & Readonly<{ item: CollectionItem; index: number }>;

function Item({ item, index, collection, mayWrite }: ItemProps) {
  const { t } = useTranslation();
  const ItemIcon = ICONS[item.kind];
  return (
    <li className="flex items-start gap-3 border-b px-4 py-3 last:border-0 sm:px-5">
      <ItemIcon className="mt-1 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <ItemLink item={item} />
          <Tag>{t(KIND_LABELS[item.kind])}</Tag>
        </p>
        {item.note !== '' && <p className="mt-0.5 text-sm text-muted">{item.note}</p>}
      </div>
      {mayWrite && <ItemActions collection={collection} item={item} index={index} />}
    </li>
  );
}

function ItemLink({ item }: Readonly<{ item: CollectionItem }>) {
  const className = 'min-w-0 font-medium break-words hover:underline';
  if (item.kind === 'collection') {
    return (
      <Link to="/collections/$owner/$slug" params={slugParams(item.name)} className={className}>
        {item.title}
      </Link>
    );
  }
  return (
    <Link to={PAGES[item.kind]} params={paramsOf(item.name)} search={{}} className={className}>
      {item.title}
    </Link>
  );
}

type ActionProps = Readonly<{ collection: Collection; item: CollectionItem; index: number }>;

function ItemActions({ collection, item, index }: ActionProps) {
  const { t } = useTranslation();
  const onSuccess = useTakeCollection();
  const { slug, items } = collection;
  const move = useMutation({
    mutationFn: (position: number) => cloud.collections.updateItem(slug, item.id, { position }),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: () => cloud.collections.removeItem(slug, item.id),
    onSuccess,
  });
  // The places of those that are not shown count too.
  const before = items[index - 1]?.position;
  const after = items[index + 1]?.position;
  const isBusy = move.isPending || remove.isPending;
  return (
    <div className="flex">
      <IconButton
        size="sm"
        label={t('collections.up', { name: item.title })}
        disabled={before === undefined || isBusy}
        onClick={() => before !== undefined && move.mutate(before)}
      >
        <ArrowUpIcon />
      </IconButton>
      <IconButton
        size="sm"
        label={t('collections.down', { name: item.title })}
        disabled={after === undefined || isBusy}
        onClick={() => after !== undefined && move.mutate(after)}
      >
        <ChevronDownIcon />
      </IconButton>
      <IconButton
        size="sm"
        label={t('collections.take', { name: item.title })}
        disabled={isBusy}
        onClick={() => remove.mutate()}
      >
        <CloseIcon />
      </IconButton>
    </div>
  );
}
