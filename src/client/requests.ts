/** Single requests, and what a project wants done with them. */
import type { UsageEvent } from '#metering/api.ts';
import type {
  ProjectCache,
  ProjectCacheUpdate,
  ProjectContents,
  ProjectContentsUpdate,
  RequestContent,
} from '#requests/api.ts';
import type { Transport } from './transport.ts';

export type RequestQuery = Readonly<{
  from?: string | undefined;
  to?: string | undefined;
  /** The operator may name a tenant, or `all`. */
  tenantId?: string | undefined;
  keyId?: string | undefined;
  model?: string | undefined;
  outcome?: UsageEvent['outcome'] | undefined;
  /** One status (429), or all that begin with a digit (4). */
  status?: number | undefined;
  cache?: 'hit' | 'miss' | undefined;
  /** Of keys that carry it, themselves or by their project. */
  tag?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}>;

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Options = Readonly<{ signal?: AbortSignal | undefined }>;

export function requestCalls(transport: Transport) {
  const cacheOf = (projectId: string): string =>
    `/cloud/v1/projects/${encodeURIComponent(projectId)}/cache`;
  const contentsOf = (projectId: string): string =>
    `/cloud/v1/projects/${encodeURIComponent(projectId)}/contents`;
  const contentOf = (id: string): string => `/cloud/v1/requests/${encodeURIComponent(id)}/content`;
  return {
    contents: {
      get: (projectId: string, options?: Options): Promise<ProjectContents> =>
        transport.json({ path: contentsOf(projectId), ...options }),
      update: (projectId: string, body: ProjectContentsUpdate): Promise<ProjectContents> =>
        transport.json({ method: 'PATCH', path: contentsOf(projectId), body }),
      /** Everything that the project kept. */
      clear: async (projectId: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: contentsOf(projectId) });
      },
    },
    requests: {
      /** Its prompt and answer; 404 where nothing is kept. */
      content: (id: string, options?: Options): Promise<RequestContent> =>
        transport.json({ path: contentOf(id), ...options }),
      forget: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: contentOf(id) });
      },
      /** Newest first. */
      list: (query: RequestQuery = {}, options?: Options): Promise<Listed<UsageEvent>> =>
        transport.json({ path: '/cloud/v1/usage/events', query, ...options }),
      /** By the `x-request-id` of its answer; 404 until it has been shipped, usually under a second. */
      get: (id: string, options?: Options): Promise<UsageEvent> =>
        transport.json({ path: `/cloud/v1/usage/events/${encodeURIComponent(id)}`, ...options }),
    },
    cache: {
      get: (projectId: string, options?: Options): Promise<ProjectCache> =>
        transport.json({ path: cacheOf(projectId), ...options }),
      update: (projectId: string, body: ProjectCacheUpdate): Promise<ProjectCache> =>
        transport.json({ method: 'PATCH', path: cacheOf(projectId), body }),
      /** Every gateway forgets every answer within two seconds. */
      empty: async (projectId: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: cacheOf(projectId) });
      },
    },
  };
}
