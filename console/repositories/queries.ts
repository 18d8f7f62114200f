/** What a repository's page asks for. Everything below `['repository', kind, name]` is asked anew after a change. */
import { type QueryClient, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import type { RepositoryAddress } from './address.ts';

const COMMITS_PAGE = 30;

const keyOf = ({ kind, name }: RepositoryAddress) => ['repository', kind, name] as const;

export const repositoryQuery = (at: RepositoryAddress) =>
  queryOptions({
    queryKey: [...keyOf(at), 'detail'],
    queryFn: ({ signal }) => cloud.hub.show(at, { signal }),
  });

export const refsQuery = (at: RepositoryAddress) =>
  queryOptions({
    queryKey: [...keyOf(at), 'refs'],
    queryFn: ({ signal }) => cloud.hub.refs(at, { signal }),
  });

export type FileAddress = Readonly<{ revision: string; path: string }>;

export const treeQuery = (at: RepositoryAddress, { revision, path }: FileAddress) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(at), 'tree', revision, path],
    queryFn: ({ pageParam, signal }) =>
      cloud.hub.tree(at, { revision, path, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    select: ({ pages }) => pages.flatMap(({ entries }) => entries),
  });

export const entryQuery = (at: RepositoryAddress, file: FileAddress) =>
  queryOptions({
    queryKey: [...keyOf(at), 'entry', file.revision, file.path],
    queryFn: ({ signal }) => cloud.hub.entry(at, file, { signal }),
  });

/** Every file of a revision, as far as one page of the tree goes. */
export const allFilesQuery = (at: RepositoryAddress, revision: string) =>
  queryOptions({
    queryKey: [...keyOf(at), 'files', revision],
    queryFn: async ({ signal }) => {
      const { entries } = await cloud.hub.tree(
        at,
        { revision, path: '', isRecursive: true },
        { signal },
      );
      return entries.filter(({ type }) => type === 'file');
    },
  });

export const commitsQuery = (at: RepositoryAddress, revision: string) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(at), 'commits', revision],
    queryFn: ({ pageParam, signal }) =>
      cloud.hub.commits(at, revision, { p: pageParam, limit: COMMITS_PAGE }, { signal }),
    initialPageParam: 0,
    getNextPageParam: (page, _pages, last) => (page.length < COMMITS_PAGE ? null : last + 1),
    select: ({ pages }) => pages.flat(),
  });

export const headerQuery = (at: RepositoryAddress, file: FileAddress) =>
  queryOptions({
    queryKey: [...keyOf(at), 'header', file.revision, file.path],
    queryFn: ({ signal }) => cloud.hub.header(at, file, { signal }),
  });

/** The first bytes of a file as text. */
export const textQuery = (at: RepositoryAddress, file: FileAddress, bytesMax: number) =>
  queryOptions({
    queryKey: [...keyOf(at), 'text', file.revision, file.path, bytesMax],
    queryFn: async ({ signal }) => {
      const response = await cloud.hub.open(
        at,
        { ...file, range: `bytes=0-${bytesMax - 1}` },
        { signal },
      );
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { text: new TextDecoder().decode(bytes), isBinary: bytes.includes(0) };
    },
  });

/** A picture as the member may see it; the address goes with the page. */
export const pictureQuery = (at: RepositoryAddress, file: FileAddress, type: string) =>
  queryOptions({
    queryKey: [...keyOf(at), 'picture', file.revision, file.path],
    queryFn: async ({ signal }) => {
      const response = await cloud.hub.open(at, file, { signal });
      return new Blob([await response.arrayBuffer()], { type });
    },
    staleTime: Infinity,
  });

export const accessRequestsQuery = (
  at: RepositoryAddress,
  state: 'pending' | 'accepted' | 'rejected',
) =>
  queryOptions({
    queryKey: [...keyOf(at), 'access', state],
    queryFn: ({ signal }) => cloud.hub.accessRequests(at, state, { signal }),
  });

export const namespacesQuery = queryOptions({
  queryKey: ['namespaces'],
  queryFn: ({ signal }) => cloud.hub.namespaces({ signal }),
});

/** After a change: of the repository's page, and of the lists that it stands in. */
export async function refresh(queries: QueryClient, at: RepositoryAddress): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: keyOf(at) }),
    queries.invalidateQueries({ queryKey: ['models'] }),
    queries.invalidateQueries({ queryKey: ['owner'] }),
  ]);
}

export const downloadsQuery = (at: RepositoryAddress) =>
  queryOptions({
    queryKey: ['downloads', at.kind, at.name],
    queryFn: ({ signal }) => cloud.hub.downloads(at, { days: 30 }, { signal }),
  });

export const grantsQuery = (at: RepositoryAddress) =>
  queryOptions({
    queryKey: [...keyOf(at), 'grants'],
    queryFn: ({ signal }) => cloud.hub.grants(at, { signal }),
  });
