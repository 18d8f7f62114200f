/**
 * Who pays for calls that were made. Pure: the same sources and calls in the same order give the same
 * parts. Each source in turn takes what it may of what is still open; the parts of a call sum to its
 * amount exactly; no source gives more than it has, outside its time or scope, or what other leases hold.
 * Only what the call's own lease holds pays at any time: control set it aside by its own clock, while the
 * time of a call is that of a gateway, which may differ.
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
    if (source !== 'cash') continue;
    payFromOwnHolds(turn);
    payFromCash(turn, blockedBy);
  }
  return turn.paid;
}

function payFromQuotas(turn: Turn): void {
  const { till, charge } = turn;
  for (const quota of till.purse.quotas) {
    if (!mayUse(quota, charge)) continue;
    drawQuota(turn, quota, restOf(till, quota) - till.holds.byOthers(quota.id, charge.leaseId));
  }
}

function restOf({ quotas }: Till, { id, units, usedUnits }: Quota): bigint {
  return units - usedUnits - (quotas.get(id) ?? 0n);
}

function drawQuota({ till, bill, paid }: Turn, { id, unit }: Quota, room: bigint): void {
  if (room <= 0n) return;
  const { units, amountPico } = payUnits(bill, unit, room);
  if (units === 0n) return;
  till.quotas.set(id, (till.quotas.get(id) ?? 0n) + units);
  paid.push({ source: 'free_quota', sourceId: id, amountPico, units });
}

/** The allowance that blocks what is left; null where none does. */
function payFromPlan(turn: Turn): Allowance | null {
  const { till, charge, bill } = turn;
  let blockedBy: Allowance | null = null;
  for (const allowance of till.purse.allowances) {
    const { modelId, currency, atMs } = charge;
    if (!isCovered(allowance, { modelId, currency, atMs })) continue;
    drawAllowance(turn, { allowance, atMs, room: roomAt(turn, allowance, atMs) });
    if (bill.restPico > 0n && allowance.atEnd === 'block' && charge.leaseId !== null) {
      blockedBy = allowance;
    }
  }
  return blockedBy;
}

/** What its windows have, after what other leases hold of each. */
function roomAt(turn: Turn, allowance: Allowance, atMs: number): bigint {
  const { till, charge } = turn;
  return roomOf(windowsOf(till, allowance, atMs), (window) =>
    till.holds.byOthers(allowance.subscriptionId, charge.leaseId, window),
  );
}

/** Its windows with what calls of this batch took of them already. */
function windowsOf(till: Till, allowance: Allowance, atMs: number): readonly DrawnWindow[] {
  const { tenantId, subscriptionId } = allowance;
  return windowsAt(allowance, atMs).map((window) => {
    const key = windowKey(subscriptionId, window);
    return till.windows.get(key) ?? { ...window, tenantId, subscriptionId, over: 0n };
  });
}

/** Of the windows of `atMs`. */
type Draw = Readonly<{ allowance: Allowance; atMs: number; room: bigint }>;

function drawAllowance({ till, bill, paid }: Turn, { allowance, atMs, room }: Draw): void {
  if (room <= 0n || bill.restPico === 0n) return;
  const { subscriptionId: sourceId } = allowance;
  if (allowance.unit === 'amount') {
    const amountPico = payAmount(bill, room);
    useWindows(till, { allowance, atMs, used: amountPico, over: 0n });
    paid.push({ source: 'plan', sourceId, amountPico, units: null });
    return;
  }
  const { units, amountPico } = payUnits(bill, 'token', room);
  if (units === 0n) return;
  useWindows(till, { allowance, atMs, used: units, over: 0n });
  paid.push({ source: 'plan', sourceId, amountPico, units });
}

type Use = Readonly<{ allowance: Allowance; atMs: number; used: bigint; over: bigint }>;

function useWindows(till: Till, { allowance, atMs, used, over }: Use): void {
  for (const window of windowsOf(till, allowance, atMs)) {
    till.windows.set(windowKey(allowance.subscriptionId, window), {
      ...window,
      used: window.used + used,
      over: window.over + over,
    });
  }
}

/** After a plan that blocks, and of a grant that was taken back, only what the call's own lease holds may pay. */
function payFromGrants(turn: Turn, source: 'savings_plan' | 'grant', isBlocked: boolean): void {
  const { till, charge, product } = turn;
  for (const grant of till.purse.grants) {
    if (sourceOf(grant) !== source || !mayPay(grant, { ...charge, product })) continue;
    const isHeldOnly = isBlocked || grant.isRevoked;
    const roomPico = isHeldOnly
      ? till.holds.own(grant.id, charge.leaseId)
      : grantRestPico(till, grant) - till.holds.byOthers(grant.id, charge.leaseId);
    drawGrant(turn, grant, roomPico);
  }
}

function sourceOf({ origin }: Grant): 'savings_plan' | 'grant' {
  return origin === 'savings_plan' ? 'savings_plan' : 'grant';
}

function grantRestPico({ grants }: Till, { id, remainingPico }: Grant): bigint {
  return remainingPico - (grants.get(id) ?? 0n);
}

function drawGrant({ till, bill, paid }: Turn, grant: Grant, wantedPico: bigint): void {
  const roomPico = smaller(wantedPico, grantRestPico(till, grant));
  if (roomPico <= 0n) return;
  const amountPico = payAmount(bill, smaller(roomPico, shareOf(grant, bill.restPico)));
  if (amountPico === 0n) return;
  till.grants.set(grant.id, (till.grants.get(grant.id) ?? 0n) + amountPico);
  paid.push({ source: sourceOf(grant), sourceId: grant.id, amountPico, units: null });
}

/**
 * Before cash does, what the call's own lease still holds of other sources: of those that its time left out,
 * because the clock of its gateway differs, or the lease grew by what began after it, or the order changed.
 */
function payFromOwnHolds(turn: Turn): void {
  const { till, charge } = turn;
  const { quotas, allowances, grants } = till.purse;
  const atMs = till.holds.openedAtMs(charge.leaseId);
  if (atMs === null) return;
  for (const quota of quotas) {
    drawQuota(turn, quota, smaller(ownLeft(turn, quota.id), restOf(till, quota)));
  }
  for (const allowance of allowances) {
    if (allowance.currency !== charge.currency) continue;
    const ownUnits = ownLeft(turn, allowance.subscriptionId);
    const room = smaller(ownUnits, roomAt(turn, allowance, atMs));
    drawAllowance(turn, { allowance, atMs, room });
  }
  for (const grant of grants) {
    if (grant.currency !== charge.currency) continue;
    drawGrant(turn, grant, ownLeft(turn, grant.id));
  }
}

/** In units of the source: what the lease holds of it and has not paid of this call yet. */
function ownLeft({ till, charge, paid }: Turn, id: string): bigint {
  return paid
    .filter(({ sourceId }) => sourceId === id)
    .reduce(
      (left, { units, amountPico }) => left - (units ?? amountPico),
      till.holds.own(id, charge.leaseId),
    );
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
  const over = unit === 'token' ? tokens : overPico;
  useWindows(till, { allowance: blockedBy, atMs: charge.atMs, used: 0n, over });
  const units = unit === 'token' ? tokens : null;
  paid.push({ source: 'plan', sourceId, amountPico: overPico, units });
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
