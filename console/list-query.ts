/** A list of the API, page by page. What is on screen stays true: a refetch asks for every page again. */
import { type InfiniteData, type QueryKey, infiniteQueryOptions } from '@tanstack/react-query';
import type { List } from '#client/client.ts';

/** Enough for most tenants to see everything at once; no list of the API gives more in a page. */
const PAGE_SIZE = 100;

type Refetch<Item> = (items: readonly Item[]) => number;

export type ListQuery<Item> = Readonly<{
  queryKey: QueryKey;
  read: (
    page: Readonly<{ limit: number; cursor: string | undefined }>,
    call: Readonly<{ signal: AbortSignal }>,
  ) => Promise<List<Item>>;
  pageSize?: number;
  retry?: boolean;
  /** How often to look again, given what was there the last time. */
  refetchMs?: Refetch<Item>;
}>;

/** `data` of the query is the items of all pages so far. */
export function listQuery<Item>(list: ListQuery<Item>) {
  const { read, pageSize = PAGE_SIZE, refetchMs } = list;
  return infiniteQueryOptions({
    queryKey: list.queryKey,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: pageSize, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    select: (data: InfiniteData<List<Item>, string | null>) => itemsOf(data),
    ...(list.retry === undefined ? {} : { retry: list.retry }),
    ...(refetchMs === undefined
      ? {}
      : {
          refetchInterval: ({
            state,
          }: {
            state: { data?: InfiniteData<List<Item>> | undefined };
          }) => refetchMs(state.data === undefined ? [] : itemsOf(state.data)),
        }),
  });
}

function itemsOf<Item>({ pages }: InfiniteData<List<Item>>): readonly Item[] {
  return pages.flatMap(({ data }) => data);
}
