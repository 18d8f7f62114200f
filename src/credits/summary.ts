/** What a tenant has, source by source, in the order in which it pays. Pure. */
import { formatAmount, parseAmount, sum } from '#ledger/money.ts';
import type {
  CreditSummary,
  DeductionOrder,
  FreeQuota,
  Grant,
  Redemption,
  SourceName,
  Subscription,
} from './api.ts';

export type SummaryFacts = Readonly<{
  tenantId: string;
  currency: string;
  isFreeOnly: boolean;
  order: DeductionOrder | undefined;
  quotas: readonly FreeQuota[];
  /** Those that are not used up. */
  grants: readonly Grant[];
  subscription: Subscription | null;
  waiting: readonly Redemption[];
  nowMs: number;
}>;

export function summarize(facts: SummaryFacts): CreditSummary {
  const grants = facts.grants.filter(({ state }) => state === 'active');
  const order = facts.order?.steps.map(({ source }) => source) ?? [];
  return {
    tenantId: facts.tenantId,
    currency: facts.currency,
    freeQuotaOnly: facts.isFreeOnly,
    sources: order.filter((source) => source !== 'cash').map((source) => sourceOf(source, facts)),
    freeQuotas: [...facts.quotas],
    grants: grants.toSorted(bySpending),
    waiting: [...facts.waiting],
  };
}

function sourceOf(source: SourceName, facts: SummaryFacts): CreditSummary['sources'][number] {
  if (source === 'free_quota') {
    const live = facts.quotas.filter(
      ({ used, units, expiresAt }) =>
        used < units && (expiresAt === null || Date.parse(expiresAt) > facts.nowMs),
    );
    return { source, remaining: null, count: live.length, expiresAt: firstOf(live) };
  }
  if (source === 'plan') {
    const { subscription } = facts;
    const isLive = subscription?.state === 'active';
    const expiresAt = isLive ? subscription.periodEnd : null;
    return { source, remaining: null, count: isLive ? 1 : 0, expiresAt };
  }
  const own = facts.grants.filter(
    ({ origin, state }) =>
      state === 'active' && (origin === 'savings_plan') === (source === 'savings_plan'),
  );
  const remaining = formatAmount(sum(own.map((grant) => parseAmount(grant.remaining))));
  return { source, remaining, count: own.length, expiresAt: firstOf(own) };
}

function firstOf(all: readonly Readonly<{ expiresAt: string | null }>[]): string | null {
  const ends = all.flatMap(({ expiresAt }) => expiresAt ?? []);
  return ends.toSorted()[0] ?? null;
}

/** As grant.ts orders them; savings plans go before. */
function bySpending(left: Grant, right: Grant): number {
  return (
    Number(right.origin === 'savings_plan') - Number(left.origin === 'savings_plan') ||
    left.priority - right.priority ||
    (left.expiresAt ?? '9').localeCompare(right.expiresAt ?? '9') ||
    left.createdAt.localeCompare(right.createdAt)
  );
}
