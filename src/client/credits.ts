/** Calls about credits and plans: what may pay besides cash, and what is offered. */
import type {
  Coupon,
  CouponCreate,
  CreditSummary,
  DeductionOrder,
  DeductionOrderCreate,
  FreeQuota,
  FreeQuotaRule,
  FreeQuotaRuleSet,
  Grant,
  GrantCreate,
  Plan,
  PlanChange,
  PlanCreate,
  PlanPreview,
  Purchase,
  Redemption,
  SavingsPlan,
  SavingsPlanCreate,
  Subscription,
} from '#credits/api.ts';
import type { Query, Transport } from './transport.ts';

type Options = Readonly<{ signal?: AbortSignal | undefined; timeoutMs?: number }>;
type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type All<T> = Readonly<{ data: readonly T[] }>;
/** The operator may name another tenant. */
type OfTenant = Readonly<{ tenantId?: string | undefined }>;
type PageQuery = Readonly<{ cursor?: string | undefined; limit?: number | undefined }> & OfTenant;

export function creditCalls(transport: Transport) {
  const { read, send } = callsOf(transport);
  return {
    creditSummary: {
      get: (query: OfTenant = {}, options?: Options): Promise<CreditSummary> =>
        read('credits', query, options),
      /** With true nothing but free quota pays, and what it does not cover is refused. */
      setFreeQuotaOnly: (freeQuotaOnly: boolean): Promise<CreditSummary> =>
        send('PUT', 'credits/settings', { freeQuotaOnly }),
    },
    grants: {
      list: (query: PageQuery = {}, options?: Options): Promise<Listed<Grant>> =>
        read('grants', query, options),
      create: (body: GrantCreate): Promise<Grant> => send('POST', 'grants', body),
      /** It pays for calls that are under way, and for nothing new. */
      revoke: (id: string, { tenantId }: OfTenant): Promise<Grant> =>
        transport.json({ method: 'DELETE', path: at('grants', id), query: { tenantId } }),
    },
    coupons: {
      list: (query: PageQuery = {}, options?: Options): Promise<Listed<Coupon>> =>
        read('coupons', query, options),
      create: (body: CouponCreate): Promise<Coupon> => send('POST', 'coupons', body),
      archive: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at('coupons', id) });
      },
      redeem: (code: string): Promise<Redemption> => send('POST', 'coupons/redemptions', { code }),
    },
    freeQuotas: {
      rules: (options?: Options): Promise<All<FreeQuotaRule>> =>
        read('free-quota-rules', {}, options),
      setRule: (body: FreeQuotaRuleSet): Promise<All<FreeQuotaRule>> =>
        send('PUT', 'free-quota-rules', body),
      /** What the rules say and the tenant does not have. */
      give: (tenantId: string): Promise<All<FreeQuota>> =>
        send('POST', 'free-quotas', { tenantId }),
    },
    deductionOrders: {
      list: (options?: Options): Promise<All<DeductionOrder>> =>
        read('deduction-orders', {}, options),
      create: (body: DeductionOrderCreate): Promise<DeductionOrder> =>
        send('POST', 'deduction-orders', body),
    },
    ...planCalls(transport),
  };
}

function planCalls(transport: Transport) {
  const { read, send } = callsOf(transport);
  return {
    plans: {
      list: (options?: Options): Promise<All<Plan>> => read('plans', {}, options),
      create: (body: PlanCreate): Promise<Plan> => send('POST', 'plans', body),
      archive: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at('plans', id) });
      },
    },
    savingsPlans: {
      list: (options?: Options): Promise<All<SavingsPlan>> => read('savings-plans', {}, options),
      create: (body: SavingsPlanCreate): Promise<SavingsPlan> =>
        send('POST', 'savings-plans', body),
      archive: async (id: string): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at('savings-plans', id) });
      },
      buy: (id: string, idempotencyKey: string): Promise<Grant> =>
        send('POST', `savings-plans/${encodeURIComponent(id)}/purchases`, { idempotencyKey }),
    },
    subscription: {
      get: (
        query: OfTenant = {},
        options?: Options,
      ): Promise<{ subscription: Subscription | null }> => read('subscription', query, options),
      /** What choosing a plan costs now, line by line. */
      preview: (planId: string, options?: Options): Promise<PlanPreview> =>
        transport.json({
          method: 'POST',
          path: '/cloud/v1/subscription/preview',
          body: { planId },
          ...options,
        }),
      create: (planId: string): Promise<Subscription> => send('POST', 'subscription', { planId }),
      change: (body: PlanChange): Promise<Subscription> =>
        send('POST', 'subscription/change', body),
      cancel: (): Promise<Subscription> => send('POST', 'subscription/cancel', {}),
      undo: (): Promise<Subscription> => send('POST', 'subscription/undo', {}),
    },
    purchases: {
      list: (query: PageQuery = {}, options?: Options): Promise<Listed<Purchase>> =>
        read('purchases', query, options),
    },
  };
}

const at = (path: string, id: string): string => `/cloud/v1/${path}/${encodeURIComponent(id)}`;

function callsOf(transport: Transport) {
  return {
    read: <T>(path: string, query: Query = {}, options: Options = {}): Promise<T> =>
      transport.json({ path: `/cloud/v1/${path}`, query, ...options }),
    send: <T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> =>
      transport.json({ method, path: `/cloud/v1/${path}`, body }),
  };
}
