/** Calls about payments: how one can pay, what was paid, what was given back. */
import type {
  AutoTopUpSet,
  Checkout,
  CheckoutCreate,
  Payment,
  PaymentOptions,
  PaymentRecord,
  PaymentSettings,
  PaymentSettingsSet,
  PaymentStateName,
  RefundCreate,
} from '#payments/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;
type Query = Readonly<{
  /** Another tenant's, or `all`; for the operator. */
  tenantId?: string | undefined;
  state?: PaymentStateName | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}>;

export function paymentCalls(transport: Transport) {
  const at = (...parts: readonly string[]): string =>
    ['/cloud/v1/payments', ...parts.map(encodeURIComponent)].join('/');
  const send = <T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown): Promise<T> =>
    transport.json<T>({ method, path, body });
  return {
    list: (query: Query = {}, options?: Options): Promise<Listed<Payment>> =>
      transport.json({ path: at(), query, ...options }),
    get: (id: string, options?: Options): Promise<Payment> =>
      transport.json({ path: at(id), ...options }),
    /** How one can pay here, and the automatic top-up. */
    options: (options?: Options): Promise<PaymentOptions> =>
      transport.json({ path: at('options'), ...options }),
    checkout: (wish: CheckoutCreate): Promise<Checkout> => send('POST', at('checkout'), wish),
    /** The operator's: a transfer that came. */
    record: (record: PaymentRecord): Promise<Payment> => send('POST', at('record'), record),
    refund: (id: string, wish: RefundCreate): Promise<Payment> =>
      send('POST', at(id, 'refund'), wish),
    /** Books money that was set aside as it came. */
    accept: (id: string): Promise<Payment> => send('POST', at(id, 'accept'), {}),
    setAutoTopUp: (wish: AutoTopUpSet): Promise<PaymentOptions> =>
      send('PUT', at('auto-top-up'), wish),
    removeAutoTopUp: async (): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at('auto-top-up') });
    },
    removeMethod: async (): Promise<void> => {
      await transport.json({ method: 'DELETE', path: at('method') });
    },
    settings: (options?: Options): Promise<PaymentSettings> =>
      transport.json({ path: at('settings'), ...options }),
    setSettings: (change: PaymentSettingsSet): Promise<PaymentSettings> =>
      send('PATCH', at('settings'), change),
  };
}
