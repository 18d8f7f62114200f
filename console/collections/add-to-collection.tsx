/** Puts the repository of a page into one of one's own collections. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { cloud } from '../cloud.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { StackIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu.tsx';
import { notify } from '../ui/toast.tsx';
import { CollectionForm } from './collection-form.tsx';
import { collectionsQuery, useTakeCollection } from './queries.ts';

export function AddToCollection({ kind, name }: RepositoryAddress) {
  const { t } = useTranslation();
  const mayWrite = maySee(useMe().role, 'building');
  const take = useTakeCollection();
  const [isCreating, setIsCreating] = useState(false);
  const { data } = useInfiniteQuery({ ...collectionsQuery(), enabled: mayWrite });
  const add = useMutation({
    mutationFn: (slug: string) => cloud.collections.add(slug, { kind, name }),
    onSuccess: async (collection) => {
      notify(t('collections.added', { title: collection.title }));
      await take(collection);
    },
  });
  if (!mayWrite) return null;
  const own = (data ?? []).filter(({ isYours }) => isYours);
  return (
    <>
      <Menu
        trigger={
          <Button size="sm" isBusy={add.isPending}>
            <StackIcon />
            {t('collections.collect')}
          </Button>
        }
      >
        <MenuLabel>{t('collections.own')}</MenuLabel>
        {own.map(({ slug, title }) => (
          <MenuItem key={slug} onSelect={() => add.mutate(slug)}>
            {title}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem onSelect={() => setIsCreating(true)}>{t('collections.create')}</MenuItem>
      </Menu>
      {isCreating && <CollectionForm collection={null} onClose={() => setIsCreating(false)} />}
    </>
  );
}
