/** What the settings show of the tenant and of the cloud. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

const STATUS_REFETCH_MS = 5000;

export const contentsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['contents', projectId],
    queryFn: ({ signal }) => cloud.contents.get(projectId, { signal }),
  });

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => cloud.members.list({}, { signal }),
});

export const tenantsQuery = listQuery({ queryKey: ['tenants'], read: cloud.tenants.list });

/** Of a tenant, or `all` for the cloud's own. */
export const leaseModeQuery = (tenantId: string) =>
  queryOptions({
    queryKey: ['lease-mode', tenantId],
    queryFn: ({ signal }) => cloud.ledger.mode({ tenantId }, { signal }),
  });

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => cloud.status.get({ signal }),
  refetchInterval: STATUS_REFETCH_MS,
});

export const nodesQuery = queryOptions({
  queryKey: ['nodes'],
  queryFn: ({ signal }) => cloud.nodes.list({}, { signal }),
  refetchInterval: STATUS_REFETCH_MS,
});
