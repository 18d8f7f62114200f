/**
 * Subscriptions: a tenant has one plan at a time, paid from its cash a month ahead. A dearer plan begins at
 * once for what remains of the month, a cheaper one when the month ends; until then that may be undone.
 */
import { codeOf } from '#platform/error.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { windowsAt } from './allowance.ts';
import type { PlanPreview, Subscription } from './api.ts';
import { requireCurrency } from './currency.ts';
import { fail } from './errors.ts';
import { lockTenant, withTenant } from './lock.ts';
import { presentPlan, showUnits } from './plans.ts';
import { type StoredPlan, selectPlan } from './plans-store.ts';
import type { CreditsParts } from './ports.ts';
import type { Proration } from './proration.ts';
import { insertPurchases } from './purchases-store.ts';
import { selectAllowances } from './purse-store.ts';
import { renew, tell } from './renewal.ts';
import { post } from './subscription-entries.ts';
import { changeOf, firstPeriod, requireOffered } from './subscription.ts';
import {
  type StoredSubscription,
  insertSubscription,
  resizeWindows,
  selectDue,
  selectLive,
  updateSubscription,
} from './subscriptions-store.ts';

export type Subscriptions = Readonly<{
  /** Null where there is none. */
  current: (tenantId: string) => Promise<Subscription | null>;
  /** What choosing a plan would cost now. Raises as `choose` does, but for the balance. */
  preview: (choice: PlanOfTenant) => Promise<PlanPreview>;
  /**
   * Subscribes, or changes to another plan. Raises `plan.unknown`, `plan.archived`, `plan.unit_differs`, `plan.currency_differs`,
   * `subscription.same_plan`, `subscription.past_due`, `subscription.exists`,
   * `subscription.preview_changed` and `ledger.insufficient_balance`.
   */
  subscribe: (choice: Choice) => Promise<Subscription>;
  change: (choice: Choice & Readonly<{ dueMax?: string | undefined }>) => Promise<Subscription>;
  /** When the period ends. Raises `subscription.unknown`. */
  cancel: (tenantId: string) => Promise<Subscription>;
  /** Takes back what was to happen when the period ends. Raises `subscription.nothing_scheduled`. */
  undo: (tenantId: string) => Promise<Subscription>;
  /** Renews, changes and ends what is due. Returns how many. */
  sweep: () => Promise<number>;
}>;

type PlanOfTenant = Readonly<{ tenantId: string; planId: string }>;
type Choice = PlanOfTenant & Readonly<{ by: string | null }>;

const SWEEP_MAX = 200;

export function createSubscriptions(parts: CreditsParts): Subscriptions {
  const { database, clock, log } = parts;
  const show = async (tenantId: string): Promise<Subscription> => {
    const shown = await current(database, tenantId, clock.nowMs());
    if (shown === null) throw fail('subscription.unknown', 'You have no plan.');
    return shown;
  };
  /** Under the lock, on what there is. */
  const schedule = async (
    tenantId: string,
    next: (live: StoredSubscription) => StoredSubscription,
  ): Promise<Subscription> => {
    await withTenant(database, tenantId, async (tx) => {
      await updateSubscription(tx, next(await requireLive(tx, tenantId)));
    });
    return show(tenantId);
  };
  return {
    current: (tenantId) => current(database, tenantId, clock.nowMs()),
    preview: (choice) => preview(database, choice, clock.nowMs()),
    subscribe: async (choice) => {
      await withTenant(database, choice.tenantId, (tx) => subscribe(tx, parts, choice));
      return show(choice.tenantId);
    },
    change: async (choice) => {
      await withTenant(database, choice.tenantId, (tx) => change(tx, parts, choice));
      return show(choice.tenantId);
    },
    cancel: (tenantId) =>
      schedule(tenantId, (live) => ({ ...live, nextPlanId: null, endsAtPeriodEnd: true })),
    undo: (tenantId) =>
      schedule(tenantId, (live) => {
        if (live.nextPlanId === null && !live.endsAtPeriodEnd) {
          throw fail(
            'subscription.nothing_scheduled',
            'Nothing is to happen that could be undone.',
          );
        }
        return { ...live, nextPlanId: null, endsAtPeriodEnd: false };
      }),
    sweep: async () => {
      const due = await selectDue(database, { nowMs: clock.nowMs(), limit: SWEEP_MAX });
      for (const tenantId of due) {
        await renewOne(parts, tenantId).catch((error: unknown) =>
          log.error('subscription.renewal_failed', { tenantId, error }),
        );
      }
      return due.length;
    },
  };
}

/** Where the balance does not cover the next period, that is written down instead. */
async function renewOne(parts: CreditsParts, tenantId: string): Promise<void> {
  const { database } = parts;
  const attempt = (isPaid: boolean): Promise<void> =>
    transaction(database, async (tx) => {
      await lockTenant(tx, tenantId);
      await renew(tx, parts, { tenantId, isPaid });
    });
  try {
    await attempt(true);
  } catch (error) {
    if (codeOf(error) !== 'ledger.insufficient_balance') throw error;
    await attempt(false);
  }
}

async function subscribe(
  tx: Database,
  { ledger, clock }: CreditsParts,
  { tenantId, planId, by }: Choice,
): Promise<void> {
  const nowMs = clock.nowMs();
  const plan = await requirePlan(tx, planId);
  requireOffered(plan);
  if ((await selectLive(tx, tenantId)) !== null) {
    throw fail('subscription.exists', 'You have a plan already: change it.');
  }
  const { startMs, endMs } = firstPeriod(nowMs);
  const { currency, pricePico, name } = plan;
  await requireCurrency(tx, 'plan.currency_differs', { tenantId, currency });
  const { subscription, entryId } = await post(tx, ledger, {
    subscription: {
      tenantId,
      id: createId('sub', nowMs),
      planId: plan.id,
      state: 'active',
      startedAtMs: nowMs,
      periodStartMs: startMs,
      periodEndMs: endMs,
      nextPlanId: null,
      endsAtPeriodEnd: false,
      deferredPico: 0n,
      postings: 0,
      endedAtMs: null,
    },
    currency,
    movement: { duePico: pricePico, earnedPico: 0n, atMs: nowMs, why: 'begin' },
  });
  await ledger.requireFloor(tx, { tenantId, currency });
  await insertSubscription(tx, { ...subscription, createdBy: by });
  const line = { tenantId, kind: 'subscription', subjectId: subscription.id, name } as const;
  const service = { serviceFromMs: startMs, serviceToMs: endMs, purchasedAtMs: nowMs };
  await insertPurchases(tx, [{ ...line, ...service, currency, amountPico: pricePico, entryId }]);
}

async function change(
  tx: Database,
  parts: CreditsParts,
  { tenantId, planId, dueMax }: Choice & Readonly<{ dueMax?: string | undefined }>,
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const subscription = await requireLive(tx, tenantId);
  const plan = await requirePlan(tx, subscription.planId);
  const to = await requirePlan(tx, planId);
  const wanted = changeOf({ subscription, plan, to, nowMs });
  if (wanted.kind === 'downgrade') {
    await updateSubscription(tx, { ...subscription, nextPlanId: to.id, endsAtPeriodEnd: false });
    return;
  }
  const { proration } = wanted;
  if (dueMax !== undefined && proration.duePico > parseAmount(dueMax)) {
    throw fail('subscription.preview_changed', 'It costs more than was shown: look again.', {
      param: 'dueMax',
    });
  }
  await upgrade(tx, parts, { subscription, plan, to, proration, nowMs });
}

async function upgrade(
  tx: Database,
  { ledger, outbox }: CreditsParts,
  request: Readonly<{
    subscription: StoredSubscription;
    plan: StoredPlan;
    to: StoredPlan;
    proration: Proration;
    nowMs: number;
  }>,
): Promise<void> {
  const { subscription, plan, to, proration, nowMs } = request;
  const { tenantId, id: subjectId, periodEndMs } = subscription;
  const { currency } = to;
  const [unused] = proration.lines;
  // What comes back was never earned; the rest of what is deferred was.
  const earnedPico = subscription.deferredPico + (unused?.amountPico ?? 0n);
  const { subscription: moved, entryId } = await post(tx, ledger, {
    subscription: { ...subscription, planId: to.id, nextPlanId: null, endsAtPeriodEnd: false },
    currency,
    movement: { duePico: proration.duePico, earnedPico, atMs: nowMs, why: 'change' },
  });
  if (proration.duePico > 0n) await ledger.requireFloor(tx, { tenantId, currency });
  await updateSubscription(tx, moved);
  await resizeWindows(tx, { tenantId, subscriptionId: subjectId, windows: to.windows, nowMs });
  const service = { serviceFromMs: nowMs, serviceToMs: periodEndMs, purchasedAtMs: nowMs };
  await insertPurchases(
    tx,
    proration.lines.map(({ kind, planId, amountPico }) => ({
      ...service,
      tenantId,
      kind,
      subjectId,
      name: planId === to.id ? to.name : plan.name,
      currency,
      amountPico,
      entryId,
    })),
  );
  const told = { ...moved, periodStartMs: nowMs };
  await tell(outbox, tx, { subscription: told, plan: to, kind: 'plan.changed' });
}

async function current(
  database: Database,
  tenantId: string,
  nowMs: number,
): Promise<Subscription | null> {
  const live = await selectLive(database, tenantId);
  if (live === null) return null;
  const plan = await requirePlan(database, live.planId);
  const next = live.nextPlanId === null ? null : await requirePlan(database, live.nextPlanId);
  const query = { tenantIds: [tenantId], fromMs: nowMs, toMs: nowMs };
  const allowance = (await selectAllowances(database, query)).find(
    ({ subscriptionId }) => subscriptionId === live.id,
  );
  const windows =
    allowance === undefined || live.state !== 'active' ? [] : windowsAt(allowance, nowMs);
  return {
    id: live.id,
    tenantId,
    plan: presentPlan(plan),
    state: live.state,
    startedAt: new Date(live.startedAtMs).toISOString(),
    periodStart: new Date(live.periodStartMs).toISOString(),
    periodEnd: new Date(live.periodEndMs).toISOString(),
    nextPlan: next === null ? null : presentPlan(next),
    endsAtPeriodEnd: live.endsAtPeriodEnd,
    meters: windows
      .toSorted((left, right) => left.endMs - left.startMs - (right.endMs - right.startMs))
      .map(({ period, used, allowance: whole, endMs }) => ({
        period,
        used: showUnits(plan.unit, used),
        allowance: showUnits(plan.unit, whole),
        resetsAt: new Date(endMs).toISOString(),
      })),
  };
}

async function preview(
  database: Database,
  { tenantId, planId }: PlanOfTenant,
  nowMs: number,
): Promise<PlanPreview> {
  const to = await requirePlan(database, planId);
  const nextPrice = formatAmount(to.pricePico);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const subscription = await selectLive(database, tenantId);
  if (subscription === null) {
    requireOffered(to);
    await requireCurrency(database, 'plan.currency_differs', { tenantId, currency: to.currency });
    const { startMs, endMs } = firstPeriod(nowMs);
    const line = { kind: 'subscription', plan: to.name, amount: nextPrice } as const;
    return {
      kind: 'subscribe',
      currency: to.currency,
      lines: [{ ...line, from: iso(startMs), to: iso(endMs) }],
      due: nextPrice,
      effectiveAt: iso(nowMs),
      nextPrice,
    };
  }
  const plan = await requirePlan(database, subscription.planId);
  const wanted = changeOf({ subscription, plan, to, nowMs });
  const shown = { kind: wanted.kind, currency: to.currency, nextPrice };
  if (wanted.kind === 'downgrade') {
    return { ...shown, lines: [], due: '0', effectiveAt: iso(wanted.atMs) };
  }
  const { lines, duePico } = wanted.proration;
  return {
    ...shown,
    lines: lines.map(({ kind, planId: of, amountPico }) => ({
      kind,
      plan: of === to.id ? to.name : plan.name,
      amount: formatAmount(amountPico),
      from: iso(nowMs),
      to: iso(subscription.periodEndMs),
    })),
    due: formatAmount(duePico),
    effectiveAt: iso(nowMs),
  };
}

async function requireLive(tx: Database, tenantId: string): Promise<StoredSubscription> {
  const live = await selectLive(tx, tenantId);
  if (live === null) throw fail('subscription.unknown', 'You have no plan.');
  return live;
}

async function requirePlan(database: Database, id: string): Promise<StoredPlan> {
  const plan = await selectPlan(database, id);
  if (plan === null) throw fail('plan.unknown', `There is no plan ${id}.`, { param: 'planId' });
  return plan;
}
