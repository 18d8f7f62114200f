/** Calls about invoices: what was billed, what it will come to, and the terms of it. */
import type {
  BillingProfile,
  BillingTerms,
  BillingTermsUpdate,
  CreditNote,
  CreditNoteCreate,
  Invoice,
  InvoiceClose,
  InvoiceClosed,
  InvoiceDetail,
  InvoiceFormat,
  InvoicePreview,
  InvoiceRequest,
  Receivables,
} from '#invoices/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;
/** Another tenant's; for the operator. */
type OfTenant = Readonly<{ tenantId?: string | undefined }>;
type Query = OfTenant &
  Readonly<{
    state?: Invoice['state'] | undefined;
    overdue?: boolean | undefined;
    cursor?: string | undefined;
    limit?: number | undefined;
  }>;

type RequestsQuery = OfTenant &
  Readonly<{
    line?: string | undefined;
    source?: string | undefined;
    sourceId?: string | undefined;
    cursor?: string | undefined;
    limit?: number | undefined;
  }>;

export function invoiceCalls(transport: Transport) {
  const at = (...parts: readonly string[]): string =>
    ['/cloud/v1/invoices', ...parts.map(encodeURIComponent)].join('/');
  const bytes = async (path: string, query: Record<string, string | undefined>): Promise<Blob> =>
    (await transport.open({ path, query })).blob();
  return {
    list: (query: Query = {}, options?: Options): Promise<Listed<Invoice>> =>
      transport.json({ path: at(), query, ...options }),
    /** By id or number. */
    get: (id: string, options?: Options): Promise<InvoiceDetail> =>
      transport.json({ path: at(id), ...options }),
    preview: (query: OfTenant = {}, options?: Options): Promise<InvoicePreview> =>
      transport.json({ path: at('preview'), query, ...options }),
    /** Behind a line, by its `key`, or behind what a source paid; `preview` is the open month's. */
    requests: (
      id: string,
      query: RequestsQuery = {},
      options?: Options,
    ): Promise<Listed<InvoiceRequest>> =>
      transport.json({ path: at(id, 'requests'), query, ...options }),
    /** `preview` is the open month's. */
    download: (id: string, format: InvoiceFormat, query: OfTenant = {}): Promise<Blob> =>
      bytes(at(id, 'download'), { ...query, format }),
    close: (wish: InvoiceClose): Promise<InvoiceClosed> =>
      transport.json({ method: 'POST', path: at('close'), body: wish }),
    credit: (id: string, wish: CreditNoteCreate): Promise<CreditNote> =>
      transport.json({ method: 'POST', path: at(id, 'credit-notes'), body: wish }),
    markUncollectible: (id: string): Promise<Invoice> =>
      transport.json({ method: 'POST', path: at(id, 'uncollectible'), body: {} }),
    terms: (query: OfTenant = {}, options?: Options): Promise<BillingTerms> =>
      transport.json({ path: '/cloud/v1/billing-terms', query, ...options }),
    setProfile: (change: BillingProfile): Promise<BillingTerms> =>
      transport.json({ method: 'PATCH', path: '/cloud/v1/billing-terms', body: change }),
    setTerms: (tenantId: string, change: BillingTermsUpdate): Promise<BillingTerms> =>
      transport.json({
        method: 'PATCH',
        path: `/cloud/v1/billing-terms/${encodeURIComponent(tenantId)}`,
        body: change,
      }),
    receivables: (options?: Options): Promise<Receivables> =>
      transport.json({ path: '/cloud/v1/receivables', ...options }),
  };
}
