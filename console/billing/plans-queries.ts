/** What a tenant may spend besides its balance, and the plans it may choose. */
import { queryOptions } from '@tanstack/react-query';
import { type Plan, cloud } from '../cloud.ts';

/** Meters move while programs call; a person who watches should see it. */
const REFETCH_MS = 5000;

export const CREDITS_KEY = ['credits'] as const;
export const OFFERS_KEY = ['offers'] as const;

export const creditSummaryQuery = queryOptions({
  queryKey: [...CREDITS_KEY, 'summary'],
  queryFn: ({ signal }) => cloud.creditSummary.get({}, { signal }),
  refetchInterval: REFETCH_MS,
});

export const subscriptionQuery = queryOptions({
  queryKey: [...CREDITS_KEY, 'subscription'],
  queryFn: async ({ signal }) => (await cloud.subscription.get({}, { signal })).subscription,
  refetchInterval: REFETCH_MS,
});

export const plansQuery = queryOptions({
  queryKey: [...OFFERS_KEY, 'plans'],
  queryFn: async ({ signal }) => (await cloud.plans.list({ signal })).data,
});

export const savingsPlansQuery = queryOptions({
  queryKey: [...OFFERS_KEY, 'savings'],
  queryFn: async ({ signal }) => (await cloud.savingsPlans.list({ signal })).data,
});

export function previewQuery(planId: string) {
  return queryOptions({
    queryKey: [...CREDITS_KEY, 'preview', planId],
    queryFn: ({ signal }) => cloud.subscription.preview(planId, { signal }),
    retry: false,
  });
}

export const PERIOD_LABELS = {
  '5_hours': 'plans.per5Hours',
  week: 'plans.perWeek',
  month: 'plans.perMonth',
} as const;

export const SOURCE_LABELS = {
  free_quota: 'plans.freeQuota',
  plan: 'plans.plan',
  savings_plan: 'plans.savings',
  grant: 'plans.grants',
  cash: 'plans.cash',
} as const;

export const UNIT_LABELS = {
  token: 'plans.tokens',
  character: 'plans.characters',
  second: 'plans.seconds',
  image: 'plans.images',
  video_second: 'plans.videoSeconds',
  page: 'plans.pages',
  request: 'plans.requests',
} as const;

/** Tokens are counted, money is not: it stays the text it came as. */
export function isMoney(plan: Pick<Plan, 'unit'>): boolean {
  return plan.unit === 'amount';
}

/** `crypto.randomUUID` is missing on pages that came over plain HTTP from another machine. */
export function createPurchaseKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
