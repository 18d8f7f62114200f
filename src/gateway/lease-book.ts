/**
 * Money of one tenant that this gateway may spend without asking, as values. A hold sets aside what a
 * request may cost; settling gives back what it did not use. Pure, and the laws are checked by a property
 * test: of a strict lease no more than its amount is ever promised; of a relaxed one estimates stay within
 * its amount, and what those may turn out to cost that nobody can stop stays within amount and slack.
 */
export type Scope = Readonly<{ projectId: string; modelId: string }>;

export type GrantedLease = Readonly<{
  id: string;
  amountPico: bigint;
  /** How far worst cases may go beyond the amount. */
  slackPico: bigint;
  /** Holds may be estimates. */
  isRelaxed: boolean;
  /** Null where it is for every call of the tenant. */
  scope: Scope | null;
  expiresAtMs: number;
}>;

export type Lease = {
  readonly id: string;
  readonly slackPico: bigint;
  readonly isRelaxed: boolean;
  readonly scope: Scope | null;
  readonly expiresAtMs: number;
  amountPico: bigint;
  spentPico: bigint;
  /** Σ estimates of open holds. */
  heldPico: bigint;
  /** Σ of what open holds may turn out to cost. */
  worstPico: bigint;
  /** Holds that are neither settled nor released. */
  holds: number;
};

export type LeaseBook = { readonly leases: Lease[] };

export type Wanted = Readonly<{
  worstPico: bigint;
  /** At most the worst case; what is set aside where an estimate is enough. */
  estimatePico: bigint;
  /** A stream, which can be stopped: an estimate of it needs no slack. */
  isStoppable: boolean;
  scope: Scope;
}>;

/** Grows while a stream goes on; whoever took it ends it. */
export type Hold = { readonly leaseId: string; estimatePico: bigint; worstPico: bigint };

export function createLeaseBook(): LeaseBook {
  return { leases: [] };
}

/** A lease that is known already has grown. */
export function addLease(book: LeaseBook, granted: GrantedLease): void {
  const known = book.leases.find(({ id }) => id === granted.id);
  if (known !== undefined) {
    known.amountPico = granted.amountPico;
    return;
  }
  book.leases.push({ ...granted, spentPico: 0n, heldPico: 0n, worstPico: 0n, holds: 0 });
}

/** What the next estimate may take. Below zero when requests used more than was held for them. */
export function freeOf(lease: Lease): bigint {
  return lease.amountPico - lease.spentPico - lease.heldPico;
}

function freeOfWorst(lease: Lease): bigint {
  return lease.amountPico + lease.slackPico - lease.spentPico - lease.worstPico;
}

/** What a hold of this request takes of this lease. */
export function priceOfHold(
  lease: Pick<Lease, 'isRelaxed'>,
  wanted: Wanted,
): Readonly<{ estimatePico: bigint; worstPico: bigint }> {
  const { worstPico, estimatePico, isStoppable } = wanted;
  if (!lease.isRelaxed) return { estimatePico: worstPico, worstPico };
  return { estimatePico, worstPico: isStoppable ? estimatePico : worstPico };
}

export function fitsScope(lease: Pick<Lease, 'scope'>, { projectId, modelId }: Scope): boolean {
  const { scope } = lease;
  return scope === null || (scope.projectId === projectId && scope.modelId === modelId);
}

/** Null when no lease has that much left. The lease that ends first is spent first. */
export function takeHold(book: LeaseBook, wanted: Wanted, nowMs: number): Hold | null {
  let chosen: Lease | null = null;
  for (const lease of book.leases) {
    if (lease.expiresAtMs <= nowMs || !fitsScope(lease, wanted.scope)) continue;
    if (chosen !== null && lease.expiresAtMs >= chosen.expiresAtMs) continue;
    if (fits(lease, priceOfHold(lease, wanted))) chosen = lease;
  }
  if (chosen === null) return null;
  const hold = { leaseId: chosen.id, ...priceOfHold(chosen, wanted) };
  chosen.heldPico += hold.estimatePico;
  chosen.worstPico += hold.worstPico;
  chosen.holds += 1;
  return hold;
}

function fits(lease: Lease, more: Readonly<{ estimatePico: bigint; worstPico: bigint }>): boolean {
  return more.estimatePico <= freeOf(lease) && more.worstPico <= freeOfWorst(lease);
}

/** Makes a hold so large, where its lease has that much. False leaves it as it is. */
export function raiseHold(book: LeaseBook, hold: Hold, toPico: bigint): boolean {
  const lease = book.leases.find(({ id }) => id === hold.leaseId);
  if (lease === undefined) return false;
  const more = {
    estimatePico: above(toPico, hold.estimatePico),
    worstPico: above(toPico, hold.worstPico),
  };
  if (!fits(lease, more)) return false;
  lease.heldPico += more.estimatePico;
  lease.worstPico += more.worstPico;
  hold.estimatePico += more.estimatePico;
  hold.worstPico += more.worstPico;
  return true;
}

/** How much its lease lacks to make the hold so large. */
export function lackOf(book: LeaseBook, hold: Hold, toPico: bigint): bigint {
  const lease = book.leases.find(({ id }) => id === hold.leaseId);
  if (lease === undefined) return toPico;
  const ofEstimate = above(toPico, hold.estimatePico) - freeOf(lease);
  const ofWorst = above(toPico, hold.worstPico) - freeOfWorst(lease);
  const lack = ofEstimate > ofWorst ? ofEstimate : ofWorst;
  return lack > 0n ? lack : 0n;
}

const above = (pico: bigint, floorPico: bigint): bigint =>
  pico > floorPico ? pico - floorPico : 0n;

/** Ends a hold: `spentPico` is what the request cost, 0 when it is released. */
export function endHold(book: LeaseBook, hold: Hold, spentPico: bigint): void {
  const lease = book.leases.find(({ id }) => id === hold.leaseId);
  if (lease === undefined) return;
  lease.spentPico += spentPico;
  lease.heldPico -= hold.estimatePico;
  lease.worstPico -= hold.worstPico;
  lease.holds -= 1;
}

/** Below this share of a lease the next one is asked for, so that it is there before the last penny. */
const LOW_DIVISOR = 2n;

/** True when the next lease should be asked for: little is left, or the rest ends soon. */
export function isLow(
  book: LeaseBook,
  at: Readonly<{ scope: Scope; nowMs: number; aheadMs: number }>,
): boolean {
  return !book.leases.some(
    (lease) =>
      fitsScope(lease, at.scope) &&
      lease.expiresAtMs > at.nowMs + at.aheadMs &&
      freeOf(lease) > lease.amountPico / LOW_DIVISOR,
  );
}

/** Takes out the leases that owe nothing and can give nothing more: ended, or left with less than is of use. */
export function dropEnded(book: LeaseBook, nowMs: number, usefulPico = 1n): Lease[] {
  const ended = book.leases.filter(
    (lease) => lease.holds === 0 && (lease.expiresAtMs <= nowMs || freeOf(lease) < usefulPico),
  );
  for (const lease of ended) book.leases.splice(book.leases.indexOf(lease), 1);
  return ended;
}

/** What control must take as spent: open holds count in full, because they may be. */
export function spentOf(lease: Lease): bigint {
  return lease.spentPico + lease.worstPico;
}

export function openHolds(book: LeaseBook): number {
  return book.leases.reduce((sum, lease) => sum + lease.holds, 0);
}
