/** Collections side by side, each with the first things in it. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Collection } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { LockIcon } from '../ui/icons.tsx';
import { slugParams } from './queries.ts';

export function CollectionGrid({ collections }: Readonly<{ collections: readonly Collection[] }>) {
  return (
    <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      {collections.map((collection) => (
        <CollectionCard key={collection.slug} collection={collection} />
      ))}
    </ul>
  );
}

function CollectionCard({ collection }: Readonly<{ collection: Collection }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { slug, title, description, owner, items, isPrivate, updatedAt } = collection;
  return (
    <li className="relative flex min-w-0 flex-col rounded-xl border bg-surface p-5 hover:border-line-strong">
      <h2 className="flex items-center gap-1.5 font-semibold tracking-tight">
        <Link
          to="/collections/$owner/$slug"
          params={slugParams(slug)}
          className="min-w-0 break-words after:absolute after:inset-0"
        >
          {title}
        </Link>
        {isPrivate && <LockIcon className="size-3.5 text-muted" />}
      </h2>
      {description !== '' && <p className="mt-1 line-clamp-2 text-sm text-muted">{description}</p>}
      <ul className="mt-3 flex-1 space-y-1 text-sm">
        {items.length === 0 && <li className="text-muted">{t('collections.empty')}</li>}
        {items.map((item) => (
          <li key={item.id} className="truncate">
            {item.title}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-xs text-muted">
        {t('collections.byline', { owner, when: format.ago(updatedAt) })}
      </p>
    </li>
  );
}
