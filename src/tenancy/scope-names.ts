/** Names of what a tenant has, for modules that attach something to it and must know that it is the tenant's. */
import type { Database } from '#platform/database.ts';
import { findKey } from './key-store.ts';
import { findTenant, listProjects } from './store.ts';

export type ScopeDirectory = Readonly<{
  tenant: (id: string) => Promise<Readonly<{ name: string }> | null>;
  project: (tenantId: string, id: string) => Promise<Readonly<{ name: string }> | null>;
  key: (
    tenantId: string,
    id: string,
  ) => Promise<Readonly<{ name: string; projectId: string }> | null>;
}>;

export function createScopeDirectory(database: Database): ScopeDirectory {
  return {
    tenant: (id) => findTenant(database, id),
    project: async (tenantId, projectId) => {
      const page = { cursor: null, limit: 1, projectId };
      return (await listProjects(database, tenantId, page))[0] ?? null;
    },
    key: (tenantId, id) => findKey(database, tenantId, id),
  };
}
