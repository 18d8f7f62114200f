/** The ledger as the operator reads it: accounts, what moved them, and entries whole. */
import type {
  AccountLine,
  LeaseModeUpdate,
  LeaseModeView,
  LedgerAccount,
  LedgerEntry,
} from '#ledger/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Page = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export function explorerCalls(transport: Transport) {
  const at = '/cloud/v1/ledger';
  return {
    accounts: (
      query: Page &
        Readonly<{
          search?: string | undefined;
          kind?: string | undefined;
          tenantId?: string | undefined;
        }> = {},
      options?: Options,
    ): Promise<Listed<LedgerAccount>> =>
      transport.json({ path: `${at}/accounts`, query, ...options }),
    /** Newest first, with what the account held after each. */
    lines: (
      query: Page & Readonly<{ accountId: string }>,
      options?: Options,
    ): Promise<Listed<AccountLine>> =>
      transport.json({ path: `${at}/account-lines`, query, ...options }),
    /** Of a tenant; the operator's `all` is the cloud's, which holds for tenants without one of their own. */
    mode: (
      query: Readonly<{ tenantId?: string | undefined }> = {},
      options?: Options,
    ): Promise<LeaseModeView> => transport.json({ path: `${at}/lease-mode`, query, ...options }),
    /** The operator's, from the next lease on. Raises 404 `ledger.tenant_unknown`. */
    setMode: (update: LeaseModeUpdate, options?: Options): Promise<LeaseModeView> =>
      transport.json({ method: 'PUT', path: `${at}/lease-mode`, body: update, ...options }),
    /** Raises 404 `ledger.entry_unknown`. */
    entry: (id: number, options?: Options): Promise<LedgerEntry> =>
      transport.json({ path: `${at}/entries/${id}`, ...options }),
  };
}
