/** What a tenant keeps in the hub. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

/** One's own where no tenant is named. */
export const storageQuery = (tenantId?: string) =>
  queryOptions({
    queryKey: ['storage', tenantId ?? 'own'],
    queryFn: ({ signal }) => cloud.storage.use(tenantId, { signal }),
  });

/** Often while it is read for somebody, so that the page shows how far it is. */
const WATCH_MS = 500;
const REFETCH_MS = 30_000;

export const integrityQuery = queryOptions({
  queryKey: ['storage', 'integrity'],
  queryFn: ({ signal }) => cloud.storage.integrity({ signal }),
  refetchInterval: ({ state }) => (state.data?.check?.state === 'running' ? WATCH_MS : REFETCH_MS),
});
export type Integrity = Awaited<ReturnType<typeof cloud.storage.integrity>>;
