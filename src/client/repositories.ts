/** Calls about repositories of the hub, at the addresses that Hugging Face's clients use too. */
import type { Gated, RepositoryKind, Visibility } from '#hub/api.ts';
import { encoded } from './encoded-path.ts';
import type { Transport } from './transport.ts';

export type RepositorySummary = Readonly<{
  id: string;
  visibility: Visibility;
  gated: 'auto' | 'manual' | false;
  lastModified: string;
}>;

export type RepositorySettings = Readonly<{ visibility?: Visibility; gated?: Gated }>;

/** What one page of a list holds at most. */
const LISTED_MAX = 100;

export function repositoryCalls(transport: Transport) {
  const split = (name: string) => {
    const [owner = '', short] = name.split('/');
    return short === undefined ? { name: owner } : { organization: owner, name: short };
  };
  return {
    /** Without an owner it is made in the tenant's own namespace. */
    create: (
      kind: RepositoryKind,
      name: string,
      visibility: Visibility,
    ): Promise<Readonly<{ id: string; url: string }>> =>
      transport.json({
        method: 'POST',
        path: '/api/repos/create',
        body: { ...split(name), type: kind, visibility },
      }),
    remove: async (kind: RepositoryKind, name: string): Promise<void> => {
      const body = { ...split(name), type: kind };
      await transport.json({ method: 'DELETE', path: '/api/repos/delete', body });
    },
    move: async (kind: RepositoryKind, from: string, to: string): Promise<void> => {
      const body = { fromRepo: from, toRepo: to, type: kind };
      await transport.json({ method: 'POST', path: '/api/repos/move', body });
    },
    update: (
      kind: RepositoryKind,
      name: string,
      { visibility, gated }: RepositorySettings,
    ): Promise<Omit<RepositorySummary, 'id' | 'lastModified'>> =>
      transport.json({
        method: 'PUT',
        path: `/api/${kind}s/${encoded(name)}/settings`,
        body: {
          ...(visibility !== undefined && { visibility }),
          ...(gated !== undefined && { gated: gated === 'no' ? false : gated }),
        },
      }),
    /** Those in the tenant's own namespaces. */
    list: async (kind: RepositoryKind): Promise<readonly RepositorySummary[]> => {
      const { orgs } = await transport.json<{ orgs: readonly Readonly<{ name: string }>[] }>({
        path: '/api/whoami-v2',
      });
      const pages = orgs.map(({ name }) =>
        transport.json<readonly RepositorySummary[]>({
          path: `/api/${kind}s`,
          query: { author: name, limit: LISTED_MAX },
        }),
      );
      return (await Promise.all(pages)).flat();
    },
  };
}
