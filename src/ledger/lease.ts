/**
 * Leases as values. A lease moves a slice of a tenant's balance to one gateway, which then admits
 * requests against it without asking; Σ open leases never exceeds what the tenant has, so overspend
 * is bounded by construction. The price is money set aside until a lease ends.
 */
export type Lease = Readonly<{
  id: string;
  tenantId: string;
  gatewayId: string;
  currency: string;
  amountPico: bigint;
  settledPico: bigint;
  state: 'open' | 'released' | 'expired';
  expiresAtMs: number;
}>;

export type LeaseRequest = Readonly<{
  gatewayId: string;
  tenantId: string;
  currency: string;
  /** What the gateway would like, a few seconds of spend. */
  amountPico: bigint;
  /** The least that is of use: the hold of the request that waits. Defaults to `amountPico`. */
  minimumPico?: bigint;
}>;

export type LeaseGrant = Readonly<{
  lease: Readonly<{ id: string; amountPico: bigint; expiresAtMs: number }> | null;
  /** What the tenant could still lease after this grant. */
  availablePico: bigint;
}>;

/** What posted usage took from a lease. A lease of another tenant is left alone. */
export type LeaseSpend = Readonly<{ id: string; tenantId: string; amountPico: bigint }>;

/**
 * Requests are admitted against a lease until it expires. Long enough that an idle gateway asks a few
 * times an hour, short enough that the slice of a lost gateway comes back while its tenant still waits.
 */
export const LEASE_TTL_MS = 10 * 60_000;

/**
 * After expiry the slice stays set aside this long: requests admitted at the last moment finish, and
 * the journal of a gateway that was away ships what it spent. Only then may another lease use it.
 */
export const LEASE_GRACE_MS = 15 * 60_000;

/** One lease takes at most this share of what is left, so that other gateways find something too. */
const SHARE_DIVISOR = 4n;

/**
 * How much to lease: what is wanted while there is plenty; a quarter of the rest as it runs out; never
 * less than the minimum; null when even that is not there. `availablePico` null means no floor.
 */
export function leaseSize(
  request: Readonly<{ wantedPico: bigint; minimumPico: bigint; availablePico: bigint | null }>,
): bigint | null {
  const { wantedPico, minimumPico, availablePico } = request;
  if (availablePico === null) return wantedPico;
  if (availablePico <= 0n || minimumPico > availablePico) return null;
  const share = availablePico / SHARE_DIVISOR;
  const size = wantedPico < share ? wantedPico : share;
  const atLeast = minimumPico > 0n ? minimumPico : 1n;
  return size > atLeast ? size : atLeast;
}
