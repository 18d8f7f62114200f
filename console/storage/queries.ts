/** What a tenant keeps in the hub. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

/** One's own where no tenant is named. */
export const storageQuery = (tenantId?: string) =>
  queryOptions({
    queryKey: ['storage', tenantId ?? 'own'],
    queryFn: ({ signal }) => cloud.storage.use(tenantId, { signal }),
  });
