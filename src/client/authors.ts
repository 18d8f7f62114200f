/** Authors of models: what they earn, by which rules, and what was paid out to them. */
import type {
  Author,
  AuthorEarnings,
  AuthorStatement,
  Payout,
  PayoutCreate,
  ShareRule,
  ShareRuleCreate,
} from '#authors/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;
/** The operator may name a tenant. */
type Whose = Readonly<{ tenantId?: string | undefined }>;
/** Their own where it is missing. */
type InCurrency = Readonly<{ currency?: string | undefined }>;

export function authorCalls(transport: Transport) {
  const post = <T>(path: string, body: unknown): Promise<T> =>
    transport.json<T>({ method: 'POST', path: `/cloud/v1/${path}`, body });
  return {
    authors: {
      /** The operator's: everybody who has earned something, by what is owed. */
      list: (options?: Options): Promise<Listed<Author>> =>
        transport.json({ path: '/cloud/v1/authors', ...options }),
      shares: (options?: Options): Promise<Listed<ShareRule>> =>
        transport.json({ path: '/cloud/v1/author-shares', ...options }),
      setShare: (rule: ShareRuleCreate): Promise<ShareRule> => post('author-shares', rule),
      earnings: (query: Whose & InCurrency = {}, options?: Options): Promise<AuthorEarnings> =>
        transport.json({ path: '/cloud/v1/author-earnings', query, ...options }),
      /** `month` is `2027-01`; this one, in UTC, where none is named. */
      statement: (
        query: Whose & InCurrency & Readonly<{ month?: string | undefined }> = {},
        options?: Options,
      ): Promise<AuthorStatement> =>
        transport.json({ path: '/cloud/v1/author-statement', query, ...options }),
      payouts: (
        query: Whose & Readonly<{ cursor?: string | undefined; limit?: number | undefined }> = {},
        options?: Options,
      ): Promise<Listed<Payout>> =>
        transport.json({ path: '/cloud/v1/author-payouts', query, ...options }),
      /** Writes down that money was sent; sends none. Raises 409 `payout.more_than_payable`. */
      recordPayout: (payout: PayoutCreate): Promise<Payout> => post('author-payouts', payout),
      reversePayout: (id: string, note: string): Promise<Payout> =>
        post(`author-payouts/${encodeURIComponent(id)}/reverse`, { note }),
    },
  };
}
