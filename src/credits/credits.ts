/**
 * What may pay for calls besides cash: free quotas, plans with their allowances, savings plans and grants,
 * in an order that is data. Owns who pays a rated call and what a lease may promise. Promises that no
 * source gives more than it has or out of its time and scope, that the parts of a call sum to its amount,
 * that windows are exact however many gateways ship at once, and that every balance here is one of the
 * ledger's. What calls cost is pricing's, where cash comes from is payments', what leases hold the ledger's.
 */
import type { Database } from '#platform/database.ts';
import {
  type CoverRequest,
  type CoverStop,
  type Covering,
  parseLeaseModel,
} from '#ledger/covering.ts';
import { formatAmount } from '#ledger/money.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { CreditSummary, Purchase } from './api.ts';
import { type Coupons, createCoupons } from './coupons.ts';
import { type FundedEvent, type FundingPart, cover, fund } from './funding.ts';
import { type Grants, createGrants } from './grants.ts';
import { type Orders, createOrders } from './orders.ts';
import { type Plans, type SavingsPlans, createPlans, createSavingsPlans } from './plans.ts';
import type { CreditsParts } from './ports.ts';
import {
  type BilledPurchase,
  type BilledSpan,
  type StoredPurchase,
  type WrongPurchase,
  selectBilledPurchases,
  selectPurchases,
  selectWrongPurchases,
} from './purchases-store.ts';
import { type Quotas, createQuotas } from './quotas.ts';
import { selectFreeOnly } from './quotas-store.ts';
import { type Subscriptions, createSubscriptions } from './subscriptions.ts';
import { summarize } from './summary.ts';

export type Credits = Readonly<{
  grants: Grants;
  quotas: Quotas;
  coupons: Coupons;
  orders: Orders;
  plans: Plans;
  savingsPlans: SavingsPlans;
  subscriptions: Subscriptions;
  summary: (tenantId: string) => Promise<CreditSummary>;
  /** Newest first. */
  purchases: (query: PurchaseQuery) => Promise<readonly Purchase[]>;
  /** For bills, in their transaction or outside. */
  billed: Billed;
  /** For metering: who pays these calls, in its transaction. */
  fund: (
    tx: Database,
    events: readonly FundedEvent[],
  ) => Promise<readonly (readonly FundingPart[])[]>;
  /** For leases: what could pay for calls to come, in their transaction. */
  covering: Covering;
  /** Starts what runs by itself. */
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

export type { BilledPurchase, BilledSpan, WrongPurchase };

/** A purchase counts when it was made, or when the first open period of its tenant began. Oldest first. */
export type Billed = Readonly<{
  bought: (database: Database, span: BilledSpan) => Promise<readonly BilledPurchase[]>;
  /** Those too that were billed before and served in the span, or ended in it. */
  served: (database: Database, span: BilledSpan) => Promise<readonly BilledPurchase[]>;
  /** Where the ledger took another amount. */
  wrong: (database: Database, span: BilledSpan) => Promise<readonly WrongPurchase[]>;
}>;

/** The first is enough to stop a bill. */
const WRONG_MAX = 10;

export type PurchaseQuery = Readonly<{
  tenantId: string;
  fromMs?: number;
  toMs?: number;
  beforeId: string | null;
  limit: number;
}>;

/** Renewals are due within their grace, and nobody waits for the end of a grant. */
const SWEEP_EVERY_MS = 20_000;

export function createCredits(parts: CreditsParts): Credits {
  const { database, heldParts, leastPrice, outbox, clock, log } = parts;
  const grants = createGrants(parts);
  const quotas = createQuotas(parts);
  const coupons = createCoupons(parts);
  const orders = createOrders(parts);
  const subscriptions = createSubscriptions(parts);
  const ask = (tx: Database, request: CoverRequest) => {
    const { modelId, serviceTier } =
      request.modelId === null
        ? { modelId: null, serviceTier: null }
        : parseLeaseModel(request.modelId);
    const ports = { leastPrice, heldParts, nowMs: clock.nowMs() };
    return cover(tx, ports, { ...request, modelId, serviceTier });
  };
  return {
    grants,
    quotas,
    coupons,
    orders,
    plans: createPlans(parts),
    savingsPlans: createSavingsPlans(parts),
    subscriptions,
    summary: async (tenantId) =>
      summarize({
        tenantId,
        currency: await readCurrency(database, tenantId),
        isFreeOnly: await selectFreeOnly(database, tenantId),
        order: (await orders.list()).find(({ isInForce }) => isInForce),
        quotas: await quotas.list(tenantId),
        grants: await grants.list({ tenantId, isLiveOnly: true, beforeId: null, limit: 500 }),
        subscription: await subscriptions.current(tenantId),
        waiting: await coupons.waiting(tenantId),
        nowMs: clock.nowMs(),
      }),
    purchases: async (query) => (await selectPurchases(database, query)).map(presentPurchase),
    billed: {
      bought: (tx, span) => selectBilledPurchases(tx, { ...span, of: 'bought' }),
      served: (tx, span) => selectBilledPurchases(tx, { ...span, of: 'served' }),
      wrong: (tx, span) => selectWrongPurchases(tx, { ...span, limit: WRONG_MAX }),
    },
    fund: (tx, events) => fund(tx, { heldParts, outbox }, events),
    covering: {
      coverOf: async (tx, request) => (await ask(tx, request)).sources,
      stopOf: async (tx, request): Promise<CoverStop | null> => (await ask(tx, request)).stop,
    },
    start: () => {
      let running: Promise<unknown> = Promise.resolve();
      const timer = setInterval(() => {
        running = running
          .then(() => subscriptions.sweep())
          .then(() => grants.sweep())
          .catch((error: unknown) => log.error('credits.sweep_failed', { error }));
      }, SWEEP_EVERY_MS);
      return {
        stop: async () => {
          clearInterval(timer);
          await running;
        },
      };
    },
  };
}

function presentPurchase(purchase: StoredPurchase): Purchase {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id: purchase.id,
    kind: purchase.kind,
    subjectId: purchase.subjectId,
    name: purchase.name,
    currency: purchase.currency,
    amount: formatAmount(purchase.amountPico),
    from: iso(purchase.serviceFromMs),
    to: iso(purchase.serviceToMs),
    purchasedAt: iso(purchase.purchasedAtMs),
  };
}
