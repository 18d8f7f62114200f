/** What becomes of a subscription, as values: what a choice costs, and what follows when a period ends. Pure. */
import { fail } from './errors.ts';
import type { StoredPlan } from './plans-store.ts';
import { type Proration, prorate } from './proration.ts';
import type { StoredSubscription } from './subscriptions-store.ts';
import { windowAt } from './window.ts';

export type Change =
  | Readonly<{ kind: 'upgrade'; proration: Proration }>
  | Readonly<{ kind: 'downgrade'; atMs: number }>;

/**
 * A plan that costs as much or more begins at once, for what remains of the period; a cheaper one when the
 * period ends. Raises `subscription.past_due`, `subscription.same_plan`, `plan.archived`, `plan.unit_differs`.
 */
export function changeOf(
  request: Readonly<{
    subscription: StoredSubscription;
    plan: StoredPlan;
    to: StoredPlan;
    nowMs: number;
  }>,
): Change {
  const { subscription, plan, to, nowMs } = request;
  if (subscription.state === 'past_due') {
    throw fail('subscription.past_due', 'The period is not paid: top up, or cancel the plan.');
  }
  if (to.id === plan.id) {
    throw fail('subscription.same_plan', 'You have this plan already.', { param: 'planId' });
  }
  requireOffered(to);
  if (to.unit !== plan.unit || to.currency !== plan.currency) {
    throw fail(
      'plan.unit_differs',
      'The plan counts in another unit: cancel yours, and subscribe to this one when it has ended.',
      { param: 'planId' },
    );
  }
  if (to.pricePico < plan.pricePico) {
    return { kind: 'downgrade', atMs: subscription.periodEndMs };
  }
  const proration = prorate({
    from: { id: plan.id, pricePico: plan.pricePico, paidPico: subscription.deferredPico },
    to,
    period: { startMs: subscription.periodStartMs, endMs: subscription.periodEndMs },
    atMs: nowMs,
  });
  return { kind: 'upgrade', proration };
}

/** Raises `plan.archived`. */
export function requireOffered(plan: StoredPlan): void {
  if (plan.state === 'active') return;
  throw fail('plan.archived', 'This plan is not offered any more.', { param: 'planId' });
}

/** A month of a subscription that begins at an instant. */
export function firstPeriod(nowMs: number): Readonly<{ startMs: number; endMs: number }> {
  const month = windowAt('month', nowMs, nowMs);
  if (month === null) throw new Error('a month begins at its anchor');
  return month;
}

/** How long an unpaid period is tried for before the subscription ends. */
export const PAST_DUE_MS = 7 * 24 * 60 * 60_000;

/** The period that follows: of now, where nobody looked for longer than one. */
export function nextPeriod(
  { startedAtMs, periodEndMs }: StoredSubscription,
  nowMs: number,
): Readonly<{ startMs: number; endMs: number }> {
  const month = windowAt('month', startedAtMs, Math.max(nowMs, periodEndMs));
  return month ?? firstPeriod(nowMs);
}
