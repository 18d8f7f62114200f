/**
 * Who pays for calls that were made. Pure: the same sources and calls in the same order give the same
 * parts. Each source in turn takes what it may of what is still open; the parts of a call sum to its
 * amount exactly; no source gives more than it has, outside its time or scope, or what other leases hold.
 *
 * What a plan that blocks has no room for should have been refused. Where it was let in all the same, first
 * what the call's own lease had set aside elsewhere pays, then the platform: never what its subscriber
 * did not mean to spend.
 */
import { type Allowance, isCovered, roomOf, windowKey, windowsAt } from './allowance.ts';
import { type Bill, openBill, openUnits, payAmount, payUnits } from './bill.ts';
import { type Charge, type Product, productOf } from './charge.ts';
import { type Grant, compareGrants, mayPay, shareOf } from './grant.ts';
import { type HeldPart, type Holds, createHolds } from './holds.ts';
import { type DeductionOrder, type Source, orderInForce, sourcesFor } from './order.ts';
import { type Quota, compareQuotas, mayUse } from './quota.ts';
import type { WindowPeriod } from './window.ts';

/** Everything that may pay for one tenant, as it is under the tenant's lock. */
export type Purse = Readonly<{
  quotas: readonly Quota[];
  allowances: readonly Allowance[];
  grants: readonly Grant[];
  held: readonly HeldPart[];
}>;

export const EMPTY_PURSE: Purse = { quotas: [], allowances: [], grants: [], held: [] };

export type Part = Readonly<{
  source: Source;
  /** Null for cash. */
  sourceId: string | null;
  amountPico: bigint;
  /** Where units were counted. */
  units: bigint | null;
}>;

export type DrawnWindow = Readonly<{
  tenantId: string;
  subscriptionId: string;
  period: WindowPeriod;
  startMs: number;
  endMs: number;
  allowance: bigint;
  /** Tokens, or pico. */
  used: bigint;
  /** Let through beyond the allowance; a plan that blocks paid for it. */
  over: bigint;
}>;

/** What was taken in all: for whoever writes it down. */
export type Drawn = Readonly<{
  quotas: ReadonlyMap<string, bigint>;
  grants: ReadonlyMap<string, bigint>;
  windows: readonly DrawnWindow[];
}>;

export type Deduction = Readonly<{ parts: readonly (readonly Part[])[]; drawn: Drawn }>;

/** Calls of one tenant, in the order in which they are to be paid. */
export function deduct(
  purse: Purse,
  orders: readonly DeductionOrder[],
  charges: readonly Charge[],
): Deduction {
  const till = openTill(purse);
  const parts = charges.map((charge) => {
    const paid = payCharge(till, orderInForce(orders, charge.atMs), charge);
    const named = paid.map(({ sourceId, amountPico }) => ({
      sourceId: sourceId ?? CASH,
      amountPico,
    }));
    till.holds.release(charge.leaseId, named);
    return paid;
  });
  const { quotas, grants, windows } = till;
  return { parts, drawn: { quotas, grants, windows: [...windows.values()] } };
}

/** As leases call it. */
const CASH = 'cash';

type Till = Readonly<{
  purse: Purse;
  holds: Holds;
  /** Taken so far, by id. */
  quotas: Map<string, bigint>;
  grants: Map<string, bigint>;
  windows: Map<string, DrawnWindow>;
}>;

function openTill(purse: Purse): Till {
  return {
    purse: {
      ...purse,
      quotas: purse.quotas.toSorted(compareQuotas),
      grants: purse.grants.toSorted(compareGrants),
    },
    holds: createHolds(purse.held),
    quotas: new Map(),
    grants: new Map(),
    windows: new Map(),
  };
}

type Turn = Readonly<{ till: Till; charge: Charge; product: Product; bill: Bill; paid: Part[] }>;

function payCharge(till: Till, order: DeductionOrder, charge: Charge): readonly Part[] {
  const bill = openBill(charge);
  const turn: Turn = { till, charge, product: productOf(charge), bill, paid: [] };
  let blockedBy: Allowance | null = null;
  for (const source of sourcesFor(order, charge.serviceTier)) {
    if (bill.restPico === 0n) break;
    if (source === 'free_quota') payFromQuotas(turn);
    if (source === 'plan') blockedBy = payFromPlan(turn) ?? blockedBy;
    if (source === 'savings_plan' || source === 'grant') {
      payFromGrants(turn, source, blockedBy !== null);
    }
    if (source === 'cash') payFromCash(turn, blockedBy);
  }
  return turn.paid;
}

function payFromQuotas({ till, charge, bill, paid }: Turn): void {
  for (const quota of till.purse.quotas) {
    if (!mayUse(quota, charge)) continue;
    const taken = till.quotas.get(quota.id) ?? 0n;
    const held = till.holds.byOthers(quota.id, charge.leaseId);
    const room = quota.units - quota.usedUnits - taken - held;
    if (room <= 0n) continue;
    const { units, amountPico } = payUnits(bill, quota.unit, room);
    if (units === 0n) continue;
    till.quotas.set(quota.id, taken + units);
    paid.push({ source: 'free_quota', sourceId: quota.id, amountPico, units });
  }
}

/** The allowance that blocks what is left; null where none does. */
function payFromPlan(turn: Turn): Allowance | null {
  const { till, charge, bill } = turn;
  let blockedBy: Allowance | null = null;
  for (const allowance of till.purse.allowances) {
    const { modelId, currency, atMs } = charge;
    if (!isCovered(allowance, { modelId, currency, atMs })) continue;
    const { subscriptionId } = allowance;
    const rest = roomOf(windowsNow(turn, allowance), (window) =>
      till.holds.byOthers(subscriptionId, charge.leaseId, window),
    );
    if (rest > 0n) drawAllowance(turn, allowance, rest);
    if (bill.restPico > 0n && allowance.atEnd === 'block' && charge.leaseId !== null) {
      blockedBy = allowance;
    }
  }
  return blockedBy;
}

/** Its windows with what calls of this batch took of them already. */
function windowsNow({ till, charge }: Turn, allowance: Allowance): readonly DrawnWindow[] {
  const { tenantId, subscriptionId } = allowance;
  return windowsAt(allowance, charge.atMs).map((window) => {
    const key = windowKey(subscriptionId, window);
    return till.windows.get(key) ?? { ...window, tenantId, subscriptionId, over: 0n };
  });
}

function drawAllowance(turn: Turn, allowance: Allowance, room: bigint): void {
  const { bill, paid } = turn;
  const { subscriptionId: sourceId } = allowance;
  if (allowance.unit === 'amount') {
    const amountPico = payAmount(bill, room);
    useWindows(turn, allowance, { used: amountPico, over: 0n });
    paid.push({ source: 'plan', sourceId, amountPico, units: null });
    return;
  }
  const { units, amountPico } = payUnits(bill, 'token', room);
  if (units === 0n) return;
  useWindows(turn, allowance, { used: units, over: 0n });
  paid.push({ source: 'plan', sourceId, amountPico, units });
}

function useWindows(
  turn: Turn,
  allowance: Allowance,
  { used, over }: Readonly<{ used: bigint; over: bigint }>,
): void {
  for (const window of windowsNow(turn, allowance)) {
    turn.till.windows.set(windowKey(allowance.subscriptionId, window), {
      ...window,
      used: window.used + used,
      over: window.over + over,
    });
  }
}

/** After a plan that blocks, and of a grant that was taken back, only what the call's own lease holds may pay. */
function payFromGrants(turn: Turn, source: 'savings_plan' | 'grant', isBlocked: boolean): void {
  const { till, charge, product, bill, paid } = turn;
  for (const grant of till.purse.grants) {
    if (bill.restPico === 0n) return;
    if ((grant.origin === 'savings_plan') !== (source === 'savings_plan')) continue;
    if (!mayPay(grant, { ...charge, product })) continue;
    const taken = till.grants.get(grant.id) ?? 0n;
    const restPico = grant.remainingPico - taken;
    const freePico = restPico - till.holds.byOthers(grant.id, charge.leaseId);
    const ownPico = till.holds.own(grant.id, charge.leaseId);
    const isHeldOnly = isBlocked || grant.isRevoked;
    const roomPico = isHeldOnly ? smaller(ownPico, restPico) : freePico;
    if (roomPico <= 0n) continue;
    const amountPico = payAmount(bill, smaller(roomPico, shareOf(grant, bill.restPico)));
    if (amountPico === 0n) continue;
    till.grants.set(grant.id, taken + amountPico);
    paid.push({ source, sourceId: grant.id, amountPico, units: null });
  }
}

function payFromCash(turn: Turn, blockedBy: Allowance | null): void {
  const { till, charge, bill, paid } = turn;
  const cashPico = blockedBy === null ? bill.restPico : till.holds.own(CASH, charge.leaseId);
  const amountPico = payAmount(bill, cashPico);
  if (amountPico > 0n) paid.push({ source: 'cash', sourceId: null, amountPico, units: null });
  if (bill.restPico === 0n || blockedBy === null) return;
  const tokens = openUnits(bill, 'token');
  const overPico = payAmount(bill, bill.restPico);
  const { unit, subscriptionId: sourceId } = blockedBy;
  useWindows(turn, blockedBy, { used: 0n, over: unit === 'token' ? tokens : overPico });
  const units = unit === 'token' ? tokens : null;
  paid.push({ source: 'plan', sourceId, amountPico: overPico, units });
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
