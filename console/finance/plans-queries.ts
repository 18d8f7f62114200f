/** What the operator offers and gives. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { OFFERS_KEY } from '../billing/plans-queries.ts';

/** One page shows them; a shop has dozens. */
const COUPONS_SHOWN_MAX = 100;

export const couponsQuery = queryOptions({
  queryKey: [...OFFERS_KEY, 'coupons'],
  queryFn: async ({ signal }) =>
    (await cloud.coupons.list({ limit: COUPONS_SHOWN_MAX }, { signal })).data,
});

export const quotaRulesQuery = queryOptions({
  queryKey: [...OFFERS_KEY, 'quota-rules'],
  queryFn: async ({ signal }) => (await cloud.freeQuotas.rules({ signal })).data,
});

export const ordersQuery = queryOptions({
  queryKey: [...OFFERS_KEY, 'orders'],
  queryFn: async ({ signal }) => (await cloud.deductionOrders.list({ signal })).data,
});
