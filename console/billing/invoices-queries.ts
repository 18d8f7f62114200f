/** Invoices of the tenant, the month so far, and what all tenants owe. */
import { queryOptions } from '@tanstack/react-query';
import { type Invoice, cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const INVOICES_KEY = ['invoices'] as const;
const PAGE_SIZE = 25;

export const invoicesQuery = listQuery({
  queryKey: [...INVOICES_KEY, 'list'],
  read: (page, call) => cloud.invoices.list(page, call),
  pageSize: PAGE_SIZE,
});

export type InvoiceFilter = Invoice['state'] | 'overdue' | 'all';

/** The operator's: of every tenant. */
export const allInvoicesQuery = (filter: InvoiceFilter) =>
  listQuery({
    queryKey: [...INVOICES_KEY, 'all', filter],
    read: (page, call) =>
      cloud.invoices.list(
        {
          ...page,
          tenantId: 'all',
          ...(filter === 'overdue' ? { overdue: true } : {}),
          ...(filter === 'overdue' || filter === 'all' ? {} : { state: filter }),
        },
        call,
      ),
    pageSize: PAGE_SIZE,
  });

export const invoiceQuery = (id: string) =>
  queryOptions({
    queryKey: [...INVOICES_KEY, 'one', id],
    queryFn: ({ signal }) => cloud.invoices.get(id, { signal }),
    retry: false,
    meta: { isSilent: true },
  });

/** Of another tenant, for the operator. */
export const previewOfQuery = (tenantId: string | undefined) =>
  queryOptions({
    queryKey: [...INVOICES_KEY, 'preview', tenantId ?? ''],
    queryFn: ({ signal }) => cloud.invoices.preview({ tenantId }, { signal }),
  });

export const previewQuery = previewOfQuery(undefined);

/** `of` is the key of a line, or a source with its id: `grant:grt_01`. */
export const invoiceRequestsQuery = (
  at: Readonly<{ id: string; of: string; tenantId: string | undefined }>,
) => {
  const { id, of, tenantId } = at;
  const [, source, sourceId] = /^([a-z_]+):(.*)$/.exec(of) ?? [];
  const which =
    source === undefined
      ? { line: of }
      : { source, sourceId: sourceId === '' ? undefined : sourceId };
  return listQuery({
    queryKey: [...INVOICES_KEY, 'requests', id, of, tenantId ?? ''],
    read: (page, call) => cloud.invoices.requests(id, { ...page, ...which, tenantId }, call),
    pageSize: PAGE_SIZE,
    retry: false,
  });
};

export const receivablesQuery = queryOptions({
  queryKey: [...INVOICES_KEY, 'receivables'],
  queryFn: ({ signal }) => cloud.invoices.receivables({ signal }),
});

export const termsQuery = (tenantId: string) =>
  queryOptions({
    queryKey: [...INVOICES_KEY, 'terms', tenantId],
    queryFn: ({ signal }) => cloud.invoices.terms({ tenantId }, { signal }),
  });
