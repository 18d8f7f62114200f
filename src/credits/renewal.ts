/**
 * What happens to a subscription when its period is over: what was paid is earned; then it ends, or the next
 * period is paid, perhaps of another plan. What cannot be paid gives nothing and is tried again for a week.
 */
import assert from 'node:assert/strict';
import type { Database } from '#platform/database.ts';
import { formatAmount } from '#ledger/money.ts';
import { type StoredPlan, selectPlan } from './plans-store.ts';
import type { CreditsParts, Outbox } from './ports.ts';
import { insertPurchases } from './purchases-store.ts';
import { post } from './subscription-entries.ts';
import { PAST_DUE_MS, firstPeriod, nextPeriod } from './subscription.ts';
import { type StoredSubscription, selectLive, updateSubscription } from './subscriptions-store.ts';

/**
 * Under the tenant's lock. With `isPaid` the next period is charged, which may raise
 * `ledger.insufficient_balance`; without, it is written down as not paid.
 */
export async function renew(
  tx: Database,
  parts: CreditsParts,
  { tenantId, isPaid }: Readonly<{ tenantId: string; isPaid: boolean }>,
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const live = await selectLive(tx, tenantId);
  if (live === null || live.periodEndMs > nowMs) return;
  const plan = await readPlan(tx, live.planId);
  const earned = await earn(tx, parts, { subscription: live, plan });
  if (live.endsAtPeriodEnd) {
    await end(tx, parts, { subscription: earned, plan });
    return;
  }
  const next = live.nextPlanId === null ? plan : await readPlan(tx, live.nextPlanId);
  if (!isPaid) {
    if (nowMs >= live.periodEndMs + PAST_DUE_MS) {
      await end(tx, parts, { subscription: earned, plan: next });
      return;
    }
    await updateSubscription(tx, { ...earned, state: 'past_due' });
    if (live.state !== 'past_due') {
      await tell(parts.outbox, tx, { subscription: live, plan: next, kind: 'plan.unpaid' });
    }
    return;
  }
  await begin(tx, parts, { subscription: earned, plan: next, nowMs });
}

type Step = Readonly<{ subscription: StoredSubscription; plan: StoredPlan }>;

async function earn(
  tx: Database,
  { ledger }: CreditsParts,
  { subscription, plan }: Step,
): Promise<StoredSubscription> {
  const { deferredPico: earnedPico, periodEndMs: atMs } = subscription;
  const movement = { duePico: 0n, earnedPico, atMs, why: 'renew' } as const;
  const moved = await post(tx, ledger, { subscription, currency: plan.currency, movement });
  return moved.subscription;
}

/** A period that was paid late begins when it is paid, and with it the windows. */
async function begin(
  tx: Database,
  { ledger, outbox }: CreditsParts,
  { subscription, plan, nowMs }: Step & Readonly<{ nowMs: number }>,
): Promise<void> {
  const { currency, pricePico, name } = plan;
  const { tenantId, id: subjectId } = subscription;
  const isLate = subscription.state === 'past_due';
  const { startMs, endMs } = isLate ? firstPeriod(nowMs) : nextPeriod(subscription, nowMs);
  const { subscription: moved, entryId } = await post(tx, ledger, {
    subscription: {
      ...subscription,
      planId: plan.id,
      nextPlanId: null,
      state: 'active',
      startedAtMs: isLate ? nowMs : subscription.startedAtMs,
      periodStartMs: startMs,
      periodEndMs: endMs,
    },
    currency,
    movement: { duePico: pricePico, earnedPico: 0n, atMs: startMs, why: 'renew' },
  });
  if (pricePico > 0n) await ledger.requireFloor(tx, { tenantId, currency });
  await updateSubscription(tx, moved);
  const service = { serviceFromMs: startMs, serviceToMs: endMs, purchasedAtMs: nowMs };
  const line = { tenantId, kind: 'subscription', subjectId, name, currency } as const;
  await insertPurchases(tx, [{ ...line, ...service, amountPico: pricePico, entryId }]);
  if (plan.id === subscription.planId) return;
  await tell(outbox, tx, { subscription: moved, plan, kind: 'plan.changed' });
}

async function end(
  tx: Database,
  { outbox }: CreditsParts,
  { subscription, plan }: Step,
): Promise<void> {
  const endedAtMs = subscription.periodEndMs;
  await updateSubscription(tx, {
    ...subscription,
    state: 'ended',
    nextPlanId: null,
    endsAtPeriodEnd: false,
    endedAtMs,
  });
  await tell(outbox, tx, { subscription, plan, kind: 'plan.ended' });
}

/** Once for each period, whoever of several controls comes first. */
export async function tell(
  outbox: Outbox | undefined,
  tx: Database,
  {
    subscription,
    plan,
    kind,
  }: Step & Readonly<{ kind: 'plan.changed' | 'plan.unpaid' | 'plan.ended' }>,
): Promise<void> {
  const { tenantId, id, planId, periodStartMs } = subscription;
  const { name, currency, pricePico } = plan;
  const from = new Date(periodStartMs).toISOString();
  await outbox?.send(tx, {
    tenantId,
    kind,
    data: { subscriptionId: id, plan: name, amount: formatAmount(pricePico), currency, from },
    key: `${id}/${planId}/${periodStartMs}`,
  });
}

async function readPlan(tx: Database, id: string): Promise<StoredPlan> {
  const plan = await selectPlan(tx, id);
  assert(plan !== null, 'a subscription has a plan');
  return plan;
}
