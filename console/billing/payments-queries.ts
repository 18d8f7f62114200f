/** Payments of the tenant, or of all for the operator. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type PaymentState, cloud } from '../cloud.ts';

export const PAYMENTS_KEY = ['payments'] as const;
const PAGE_SIZE = 25;
/** Whoever comes back from Stripe's page waits for this one. */
const REFETCH_MS = 5_000;

export const paymentOptionsQuery = queryOptions({
  queryKey: [...PAYMENTS_KEY, 'options'],
  queryFn: ({ signal }) => cloud.payments.options({ signal }),
});

/** Whoever comes back from Stripe's page is told within this that the money came. */
const RETURN_REFETCH_MS = 1_500;

export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: [...PAYMENTS_KEY, 'one', id],
    queryFn: ({ signal }) => cloud.payments.get(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'open' ? RETURN_REFETCH_MS : false),
    retry: false,
    meta: { isSilent: true },
  });

export function paymentsQuery(
  query: Readonly<{ tenantId?: string | undefined; state?: PaymentState | undefined }> = {},
) {
  return infiniteQueryOptions({
    queryKey: [...PAYMENTS_KEY, 'list', query],
    queryFn: ({ pageParam, signal }) =>
      cloud.payments.list({ ...query, cursor: pageParam, limit: PAGE_SIZE }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    select: ({ pages }) => pages.flatMap(({ data }) => data),
    refetchInterval: REFETCH_MS,
  });
}

export const paymentSettingsQuery = queryOptions({
  queryKey: [...PAYMENTS_KEY, 'settings'],
  queryFn: ({ signal }) => cloud.payments.settings({ signal }),
});
