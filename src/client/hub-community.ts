/** Calls about what people do at repositories: discussions, pull requests, likes, collections. */
import type {
  Changes,
  Collection,
  CollectionCreate,
  CollectionUpdate,
  DiscussionCreate,
  DiscussionDetail,
  DiscussionPage,
  DiscussionUpdate,
  ItemCreate,
  ItemUpdate,
  Liked,
  RepositoryKind,
} from '#hub/api.ts';
import type { Transport } from './transport.ts';

type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

/** Which repository: its kind and `owner/name`. */
export type RepositoryAddress = Readonly<{ kind: RepositoryKind; name: string }>;

export type DiscussionQuery = Readonly<{
  type?: 'discussion' | 'pull' | undefined;
  state?: 'open' | 'closed' | undefined;
  start?: number | undefined;
}>;

export type CollectionQuery = Readonly<{
  owner?: string | undefined;
  /** Those that hold this. */
  kind?: RepositoryKind | 'collection' | undefined;
  name?: string | undefined;
  start?: number | undefined;
}>;

export type CollectionPage = Readonly<{ data: readonly Collection[]; hasMore: boolean }>;

export function hubCommunityCalls(transport: Transport) {
  return {
    discussions: discussionCalls(transport),
    likes: likeCalls(transport),
    collections: collectionCalls(transport),
  };
}

function discussionCalls(transport: Transport) {
  const at = (repository: RepositoryAddress, ...rest: readonly (string | number)[]): string =>
    pathTo(repository, ['discussions', ...rest.map(String)]);
  const change = (
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<DiscussionDetail> => transport.json({ method, path, body });
  return {
    list: (
      repository: RepositoryAddress,
      query: DiscussionQuery = {},
      options?: Options,
    ): Promise<DiscussionPage> => transport.json({ path: at(repository), query, ...options }),
    get: (
      repository: RepositoryAddress,
      num: number,
      options?: Options,
    ): Promise<DiscussionDetail> => transport.json({ path: at(repository, num), ...options }),
    open: (repository: RepositoryAddress, asked: DiscussionCreate) =>
      change('POST', at(repository), asked),
    /** Its title, its state, whether it is locked. */
    update: (repository: RepositoryAddress, num: number, asked: DiscussionUpdate) =>
      change('PATCH', at(repository, num), asked),
    comment: (repository: RepositoryAddress, num: number, text: string) =>
      change('POST', at(repository, num, 'comments'), { text }),
    editComment: (
      repository: RepositoryAddress,
      num: number,
      comment: Readonly<{ id: string; text: string }>,
    ) => change('PATCH', at(repository, num, 'comments', comment.id), { text: comment.text }),
    /** For good. */
    hideComment: (repository: RepositoryAddress, num: number, id: string) =>
      change('DELETE', at(repository, num, 'comments', id)),
    /** What a pull request changes. */
    changes: (repository: RepositoryAddress, num: number, options?: Options): Promise<Changes> =>
      transport.json({ path: at(repository, num, 'changes'), ...options }),
    /** Raises 409 `pull.conflicts` where both sides changed a file. */
    merge: (repository: RepositoryAddress, num: number) =>
      change('POST', at(repository, num, 'merge'), {}),
    /** What a commit changed. */
    changesOf: (
      repository: RepositoryAddress,
      revision: string,
      options?: Options,
    ): Promise<Changes> =>
      transport.json({ path: pathTo(repository, ['commits', revision, 'changes']), ...options }),
  };
}

function likeCalls(transport: Transport) {
  /** Hugging Face's own address, which takes the page's session too. */
  const change = (method: 'POST' | 'DELETE', { kind, name }: RepositoryAddress): Promise<Liked> =>
    transport.json({ method, path: `/api/${kind}s/${escaped(name.split('/'))}/like` });
  return {
    get: (repository: RepositoryAddress, options?: Options): Promise<Liked> =>
      transport.json({ path: pathTo(repository, ['like']), ...options }),
    like: (repository: RepositoryAddress) => change('POST', repository),
    unlike: (repository: RepositoryAddress) => change('DELETE', repository),
  };
}

function collectionCalls(transport: Transport) {
  const at = (slug = '', ...rest: readonly string[]): string =>
    `/cloud/v1/collections${slug === '' ? '' : `/${escaped([...slug.split('/'), ...rest])}`}`;
  return {
    list: (query: CollectionQuery = {}, options?: Options): Promise<CollectionPage> =>
      transport.json({ path: at(), query, ...options }),
    get: (slug: string, options?: Options): Promise<Collection> =>
      transport.json({ path: at(slug), ...options }),
    create: (body: CollectionCreate): Promise<Collection> =>
      transport.json({ method: 'POST', path: at(), body }),
    update: (slug: string, body: CollectionUpdate): Promise<Collection> =>
      transport.json({ method: 'PATCH', path: at(slug), body }),
    remove: async (slug: string): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at(slug) });
    },
    add: (slug: string, body: ItemCreate): Promise<Collection> =>
      transport.json({ method: 'POST', path: at(slug, 'items'), body }),
    updateItem: (slug: string, itemId: string, body: ItemUpdate): Promise<Collection> =>
      transport.json({ method: 'PATCH', path: at(slug, 'items', itemId), body }),
    removeItem: (slug: string, itemId: string): Promise<Collection> =>
      transport.json({ method: 'DELETE', path: at(slug, 'items', itemId) }),
  };
}

function pathTo({ kind, name }: RepositoryAddress, rest: readonly string[]): string {
  return `/cloud/v1/repositories/${escaped([kind, ...name.split('/'), ...rest])}`;
}

function escaped(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}
