/** Collections, and those of an owner or with a repository in them. */
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import type { CollectionQuery } from '#client/hub-community.ts';
import { type Collection, cloud } from '../cloud.ts';

const KEY = ['collections'] as const;

export const collectionsQuery = (filter: CollectionQuery = {}) =>
  infiniteQueryOptions({
    queryKey: [...KEY, 'list', filter.owner ?? '', filter.kind ?? '', filter.name ?? ''],
    queryFn: ({ pageParam, signal }) =>
      cloud.collections.list({ ...filter, start: pageParam }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ data, hasMore }, _pages, start) => (hasMore ? start + data.length : null),
    select: ({ pages }) => pages.flatMap(({ data }) => data),
  });

/** Its address may change with its title; the id at the end stays. */
const idOf = (slug: string): string => slug.slice(-24);

export const collectionQuery = (slug: string) =>
  queryOptions({
    queryKey: [...KEY, idOf(slug)],
    queryFn: ({ signal }) => cloud.collections.get(slug, { signal }),
  });

export function useTakeCollection() {
  const queries = useQueryClient();
  return async (collection: Collection): Promise<void> => {
    queries.setQueryData(collectionQuery(collection.slug).queryKey, collection);
    await queries.invalidateQueries({ queryKey: [...KEY, 'list'] });
  };
}

export const COLLECTIONS_KEY = KEY;

/** The parts of its address. */
export function slugParams(slug: string): Readonly<{ owner: string; slug: string }> {
  const [owner = '', rest = ''] = slug.split('/');
  return { owner, slug: rest };
}
