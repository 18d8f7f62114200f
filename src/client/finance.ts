/** Reports on money: what was spent and earned, and how long a balance lasts. */
import type { LedgerHit, Spend, SpendingSummary } from '#finance/api.ts';
import type { Transport } from './transport.ts';

type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export type SpendQuery = Readonly<{
  from?: string | undefined;
  to?: string | undefined;
  interval?: Spend['interval'] | undefined;
  groupBy?: Spend['groupBy'] | undefined;
  model?: string | undefined;
  keyId?: string | undefined;
  projectId?: string | undefined;
  /** Of keys that carry it. */
  tag?: string | undefined;
  /** The tenant's; over all tenants the operator's. */
  currency?: string | undefined;
  /** The operator may name a tenant, or `all`. */
  tenantId?: string | undefined;
}>;

export function financeCalls(transport: Transport) {
  return {
    finance: {
      spend: (query: SpendQuery = {}, options?: Options): Promise<Spend> =>
        transport.json({ path: '/cloud/v1/spend', query, ...options }),
      summary: (
        query: Readonly<{ tenantId?: string | undefined }> = {},
        options?: Options,
      ): Promise<SpendingSummary> =>
        transport.json({ path: '/cloud/v1/spending-summary', query, ...options }),
      /** Where an entry's id or key, a request's id or a part of an account leads; the operator's. */
      find: (text: string, options?: Options): Promise<Readonly<{ data: readonly LedgerHit[] }>> =>
        transport.json({ path: '/cloud/v1/ledger/find', query: { q: text }, ...options }),
    },
  };
}
