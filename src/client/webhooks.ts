/** Calls about webhooks and what was delivered to them. */
import type {
  Delivery,
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookUpdate,
} from '#notices/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Page = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;

export function webhookCalls(transport: Transport) {
  const at = (...parts: readonly string[]): string =>
    ['/cloud/v1/webhooks', ...parts.map(encodeURIComponent)].join('/');
  const post = <T>(path: string, body: unknown = {}): Promise<T> =>
    transport.json<T>({ method: 'POST', path, body });
  return {
    list: (options?: Options): Promise<{ data: readonly Webhook[] }> =>
      transport.json({ path: at(), ...options }),
    /** The only answer, beside that of `rotate`, that holds the secret. */
    create: (wish: WebhookCreate): Promise<WebhookCreated> => post(at(), wish),
    update: (id: string, change: WebhookUpdate): Promise<Webhook> =>
      transport.json({ method: 'PATCH', path: at(id), body: change }),
    remove: async (id: string): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at(id) });
    },
    /** The secret before signs too for a day. */
    rotate: (id: string): Promise<WebhookCreated> => post(at(id, 'rotate')),
    test: (id: string): Promise<Delivery> => post(at(id, 'test')),
    deliveries: (id: string, query: Page = {}, options?: Options): Promise<Listed<Delivery>> =>
      transport.json({ path: at(id, 'deliveries'), query, ...options }),
    redeliver: (id: string, deliveryId: string): Promise<Delivery> =>
      post(at(id, 'deliveries', deliveryId, 'redeliver')),
  };
}
