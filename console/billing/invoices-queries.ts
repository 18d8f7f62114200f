/** Invoices of the tenant, the month so far, and what all tenants owe. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

const INVOICES_KEY = ['invoices'] as const;
const PAGE_SIZE = 25;

export const invoicesQuery = infiniteQueryOptions({
  queryKey: [...INVOICES_KEY, 'list'],
  queryFn: ({ pageParam, signal }) =>
    cloud.invoices.list({ cursor: pageParam, limit: PAGE_SIZE }, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  select: ({ pages }) => pages.flatMap(({ data }) => data),
});

export const previewQuery = queryOptions({
  queryKey: [...INVOICES_KEY, 'preview'],
  queryFn: ({ signal }) => cloud.invoices.preview({}, { signal }),
});

export const receivablesQuery = queryOptions({
  queryKey: [...INVOICES_KEY, 'receivables'],
  queryFn: ({ signal }) => cloud.invoices.receivables({ signal }),
});
