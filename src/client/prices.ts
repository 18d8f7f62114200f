/** The operator's work on prices: drafts, what they change, and the price book as a file. */
import type {
  BookFormat,
  PriceDiff,
  PriceDraft,
  PriceDraftCreate,
  PriceDraftUpdate,
  PriceEvent,
  PriceImport,
  PriceSettings,
  PriceSimulation,
} from '#pricing/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Page = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

/** A month of a large cloud is summed in the database. */
const SIMULATION_TIMEOUT_MS = 60_000;

export function priceCalls(transport: Transport) {
  const at = (id: string, act = ''): string =>
    `/cloud/v1/price-drafts/${encodeURIComponent(id)}${act}`;
  const send = <T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> =>
    transport.json<T>({ method, path, body });
  return {
    priceDrafts: {
      /** The last made first. */
      list: (
        query: Page & Readonly<{ state?: PriceDraft['state'] | undefined }> = {},
        options?: Options,
      ): Promise<Listed<PriceDraft>> =>
        transport.json({ path: '/cloud/v1/price-drafts', query, ...options }),
      create: (draft: PriceDraftCreate): Promise<PriceDraft> =>
        send('POST', '/cloud/v1/price-drafts', draft),
      get: (id: string, options?: Options): Promise<PriceDraft> =>
        transport.json({ path: at(id), ...options }),
      /** 409 `price.draft_changed` where it is not at this revision any more. */
      update: (id: string, draft: PriceDraftUpdate): Promise<PriceDraft> =>
        send('PUT', at(id), draft),
      discard: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at(id) });
      },
      approve: (id: string, revision: number): Promise<PriceDraft> =>
        send('POST', at(id, '/approval'), { revision }),
      publish: (id: string, revision: number): Promise<PriceDraft> =>
        send('POST', at(id, '/publication'), { revision }),
      diff: (id: string, options?: Options): Promise<PriceDiff> =>
        transport.json({ path: at(id, '/diff'), ...options }),
      /** Without a time the last 30 days. */
      simulate: (
        id: string,
        query: Readonly<{ from?: string | undefined; to?: string | undefined }> = {},
        options?: Options,
      ): Promise<PriceSimulation> =>
        transport.json({
          path: at(id, '/simulation'),
          query,
          timeoutMs: SIMULATION_TIMEOUT_MS,
          ...options,
        }),
    },
    priceBook: {
      /** The file's text: what is in force or coming, or a draft. */
      export: async (
        query: Readonly<{ format: BookFormat; draftId?: string | undefined }>,
        options?: Options,
      ): Promise<string> =>
        (await transport.open({ path: '/cloud/v1/price-book', query, ...options })).text(),
      /** A draft of what is new in it. 400 `price.import_refused` names every faulty line. */
      import: (file: PriceImport): Promise<PriceDraft> =>
        send('POST', '/cloud/v1/price-imports', file),
      events: (
        query: Page & Readonly<{ draftId?: string | undefined }> = {},
        options?: Options,
      ): Promise<Listed<PriceEvent>> =>
        transport.json({ path: '/cloud/v1/price-events', query, ...options }),
      settings: (options?: Options): Promise<PriceSettings> =>
        transport.json({ path: '/cloud/v1/price-settings', ...options }),
      setSettings: (settings: PriceSettings): Promise<PriceSettings> =>
        send('PUT', '/cloud/v1/price-settings', settings),
    },
  };
}
