/**
 * Money of one tenant that this gateway may spend without asking, as values. A hold takes the worst
 * case of a request from one lease; settling gives back what the request did not use. Pure, and the
 * invariant is checked by a property test: what a lease lent out plus what is left is its amount.
 */
export type Lease = {
  readonly id: string;
  readonly amountPico: bigint;
  readonly expiresAtMs: number;
  /** Neither spent nor held. May fall below zero when a request used more than its worst case. */
  remainingPico: bigint;
  /** Holds that are neither settled nor released. */
  holds: number;
};

export type LeaseBook = { readonly leases: Lease[] };

export type Hold = Readonly<{ leaseId: string; amountPico: bigint }>;

export function createLeaseBook(): LeaseBook {
  return { leases: [] };
}

export function addLease(
  book: LeaseBook,
  lease: Readonly<{ id: string; amountPico: bigint; expiresAtMs: number }>,
): void {
  book.leases.push({ ...lease, remainingPico: lease.amountPico, holds: 0 });
}

/** Null when no lease has that much left. The lease that ends first is spent first. */
export function takeHold(book: LeaseBook, amountPico: bigint, nowMs: number): Hold | null {
  let chosen: Lease | null = null;
  for (const lease of book.leases) {
    if (lease.expiresAtMs <= nowMs || lease.remainingPico < amountPico) continue;
    if (chosen === null || lease.expiresAtMs < chosen.expiresAtMs) chosen = lease;
  }
  if (chosen === null) return null;
  chosen.remainingPico -= amountPico;
  chosen.holds += 1;
  return { leaseId: chosen.id, amountPico };
}

/** Ends a hold: `spentPico` is what the request cost, 0 when it is released. */
export function endHold(book: LeaseBook, hold: Hold, spentPico: bigint): void {
  const lease = book.leases.find(({ id }) => id === hold.leaseId);
  if (lease === undefined) return;
  lease.remainingPico += hold.amountPico - spentPico;
  lease.holds -= 1;
}

/** Below this share of a lease the next one is asked for, so that it is there before the last penny. */
const LOW_DIVISOR = 2n;

/** True when the next lease should be asked for: little is left, or the rest ends soon. */
export function isLow(book: LeaseBook, nowMs: number, aheadMs: number): boolean {
  return !book.leases.some(
    (lease) =>
      lease.expiresAtMs > nowMs + aheadMs && lease.remainingPico > lease.amountPico / LOW_DIVISOR,
  );
}

/** Takes out the leases that can give nothing more and owe nothing: ended, or spent. */
export function dropEnded(book: LeaseBook, nowMs: number): Lease[] {
  const ended = book.leases.filter(
    (lease) => lease.holds === 0 && (lease.expiresAtMs <= nowMs || lease.remainingPico <= 0n),
  );
  for (const lease of ended) book.leases.splice(book.leases.indexOf(lease), 1);
  return ended;
}

/** What control must take as spent: open holds count in full, because they may be. */
export function spentOf(lease: Lease): bigint {
  const spentPico = lease.amountPico - lease.remainingPico;
  return spentPico > 0n ? spentPico : 0n;
}

export function openHolds(book: LeaseBook): number {
  return book.leases.reduce((sum, lease) => sum + lease.holds, 0);
}
