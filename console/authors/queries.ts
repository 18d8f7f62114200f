/** What authors of models earn, by which shares, and what was paid out. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const authorsQuery = queryOptions({
  queryKey: ['authors'],
  queryFn: ({ signal }) => cloud.authors.list({ signal }),
});

export const sharesQuery = queryOptions({
  queryKey: ['authors', 'shares'],
  queryFn: ({ signal }) => cloud.authors.shares({ signal }),
});

export const earningsQuery = (currency?: string) =>
  queryOptions({
    queryKey: ['authors', 'earnings', currency ?? null],
    queryFn: ({ signal }) => cloud.authors.earnings({ currency }, { signal }),
    placeholderData: (previous) => previous,
  });

export const statementQuery = (month: string, tenantId?: string, currency?: string) =>
  queryOptions({
    queryKey: ['authors', 'statement', month, tenantId ?? null, currency ?? null],
    queryFn: ({ signal }) => cloud.authors.statement({ month, tenantId, currency }, { signal }),
    placeholderData: (previous) => previous,
  });

export const payoutsQuery = listQuery({
  queryKey: ['authors', 'payouts'],
  read: (page, call) => cloud.authors.payouts({ ...page, tenantId: 'all' }, call),
});
