/** Discussions, pull requests and likes of a repository. */
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import type { DiscussionQuery, RepositoryAddress } from '#client/hub-community.ts';
import { type DiscussionDetail, cloud } from '../cloud.ts';

/** The address of a thread, as `Link` and `navigate` take it. */
export function threadOf({ kind, name: fullName }: RepositoryAddress, num: number) {
  const [owner = '', name = ''] = fullName.split('/');
  return {
    to: '/discussions/$kind/$owner/$name/$num',
    params: { kind, owner, name, num: String(num) },
  } as const;
}

const keyOf = ({ kind, name }: RepositoryAddress) => ['discussions', kind, name] as const;

export const discussionsQuery = (at: RepositoryAddress, filter: DiscussionQuery) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(at), 'list', filter.type ?? '', filter.state ?? ''],
    queryFn: ({ pageParam, signal }) =>
      cloud.discussions.list(at, { ...filter, start: pageParam }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ start, data, count }) =>
      start + data.length < count ? start + data.length : null,
    select: ({ pages }) => ({
      rows: pages.flatMap(({ data }) => data),
      count: pages[0]?.count ?? 0,
    }),
  });

export const discussionQuery = (at: RepositoryAddress, num: number) =>
  queryOptions({
    queryKey: [...keyOf(at), num],
    queryFn: ({ signal }) => cloud.discussions.get(at, num, { signal }),
  });

export const changesQuery = (at: RepositoryAddress, num: number, version: string) =>
  queryOptions({
    queryKey: [...keyOf(at), num, 'changes', version],
    queryFn: ({ signal }) => cloud.discussions.changes(at, num, { signal }),
  });

/** A commit never changes. */
export const commitChangesQuery = (at: RepositoryAddress, revision: string) =>
  queryOptions({
    queryKey: ['discussions', at.kind, at.name, 'commit', revision],
    queryFn: ({ signal }) => cloud.discussions.changesOf(at, revision, { signal }),
    staleTime: Infinity,
  });

export const likeQuery = (at: RepositoryAddress) =>
  queryOptions({
    queryKey: ['likes', at.kind, at.name],
    queryFn: ({ signal }) => cloud.likes.get(at, { signal }),
  });

/** Every change answers with the whole discussion; lists are asked anew. */
export function useTakeDiscussion(at: RepositoryAddress) {
  const queries = useQueryClient();
  return async (detail: DiscussionDetail): Promise<void> => {
    queries.setQueryData(discussionQuery(at, detail.num).queryKey, detail);
    await queries.invalidateQueries({ queryKey: [...keyOf(at), 'list'] });
  };
}
