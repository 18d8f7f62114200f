/** Single calls: asked again each second while somebody watches. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError } from '#client/api-error.ts';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';
import type { RequestsSearch } from '../search.ts';

const LIVE_REFETCH_MS = 1_500;
const PAGE = 50;

type Filtering = 'model' | 'key' | 'outcome' | 'status' | 'cache' | 'tag';

/** Undefined lets all through. */
export type RequestFilter = Readonly<{
  [Name in Filtering]: RequestsSearch[Name] | undefined;
}>;

export const requestsQuery = (filter: RequestFilter, isLive: boolean) =>
  listQuery({
    queryKey: ['requests', filter],
    read: (page, call) => {
      const { model, key, outcome, status, cache, tag } = filter;
      return cloud.requests.list(
        { ...page, model, keyId: key, outcome, status, cache, tag },
        { signal: call.signal },
      );
    },
    pageSize: PAGE,
    ...(isLive ? { refetchMs: () => LIVE_REFETCH_MS } : {}),
  });

export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ['requests', 'one', id],
    queryFn: ({ signal }) => cloud.requests.get(id, { signal }),
    retry: false,
    meta: { isSilent: true },
  });

export const cacheQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['cache', projectId],
    queryFn: ({ signal }) => cloud.cache.get(projectId, { signal }),
  });

/** Null where nothing is kept of the call. */
export const contentQuery = (requestId: string) =>
  queryOptions({
    queryKey: ['requests', 'content', requestId],
    queryFn: async ({ signal }) => {
      try {
        return await cloud.requests.content(requestId, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    retry: false,
    meta: { isSilent: true },
  });
