/**
 * Leases as values. A lease moves a slice of a tenant's balance to one gateway, which then admits
 * requests against it without asking; Σ open leases never exceeds what the tenant has, so overspend
 * is bounded by construction. The price is money set aside until a lease ends.
 */
import type { CoverStop } from './covering.ts';
import type { Paid } from './lease-part.ts';

export type Lease = Readonly<{
  id: string;
  tenantId: string;
  gatewayId: string;
  currency: string;
  amountPico: bigint;
  /** How far the gateway may go beyond the amount; 0 in strict mode. */
  slackPico: bigint;
  settledPico: bigint;
  state: 'open' | 'released' | 'expired';
  openedAtMs: number;
  expiresAtMs: number;
  /** The calls it is for; null where it is for every call of its tenant. */
  scope: LeaseScope | null;
}>;

export type LeaseScope = Readonly<{ projectId: string; modelId: string }>;

/**
 * `strict`: nobody is admitted whose worst case is not set aside, so that nothing is ever overspent and no
 * answer is cut for money. `relaxed`: an estimate is set aside, so that more is admitted as the balance
 * nears its floor; a stream may be cut when the money ends, and a tenant overspends by one lease at most.
 */
export const LEASE_MODES = ['strict', 'relaxed'] as const;
export type LeaseMode = (typeof LEASE_MODES)[number];

export type LeaseRequest = Readonly<{
  gatewayId: string;
  tenantId: string;
  currency: string;
  /** What the gateway would like, a few seconds of spend. */
  amountPico: bigint;
  /** The least that is of use: the hold of the request that waits. Defaults to `amountPico`. */
  minimumPico?: bigint | undefined;
  /** What the request that waits may turn out to cost: amount and slack together hold it, or nothing is leased. */
  worstPico?: bigint | undefined;
  /** The call that waits; without it only what covers every call of the tenant is leased. */
  scope?: LeaseScope | undefined;
  /** An open lease of the gateway that is made larger instead of another one opened. */
  leaseId?: string | undefined;
}>;

export type LeaseGrant = Readonly<{
  lease: Readonly<{
    id: string;
    amountPico: bigint;
    slackPico: bigint;
    expiresAtMs: number;
    /** From now, for a gateway that trusts no clock but its own. */
    ttlMs: number;
    scope: LeaseScope | null;
  }> | null;
  mode: LeaseMode;
  /** What the tenant could still lease after this grant. */
  availablePico: bigint;
  /** Why there is none, where more money would not help. */
  stop: CoverStop | null;
}>;

/** What posted usage took from a lease, and of which sources; cash where it does not say. */
export type LeaseSpend = Readonly<{
  id: string;
  /** A lease of another tenant is left alone. */
  tenantId: string;
  amountPico: bigint;
  parts?: readonly Paid[];
}>;

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

/** Below this many holds a lease is a whole number of them: a rest that holds nothing would lie idle. */
const WHOLE_HOLDS = 32n;

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
  if (size <= atLeast) return atLeast;
  return size < minimumPico * WHOLE_HOLDS ? size - (size % minimumPico) : size;
}

/**
 * What a lease takes and how far it may go beyond that, where it must hold a worst case: with slack as far
 * as there is some, with money for the rest; null when there is not enough of both.
 */
export function holdWorst(
  request: Readonly<{
    size: bigint;
    worstPico: bigint;
    availablePico: bigint | null;
    slackOf: (size: bigint) => bigint;
  }>,
): Readonly<{ size: bigint; slackPico: bigint }> | null {
  const { size, worstPico, availablePico, slackOf } = request;
  const slackPico = slackOf(size);
  if (size + slackPico >= worstPico) return { size, slackPico };
  const all = availablePico === null || availablePico > worstPico ? worstPico : availablePico;
  if (all <= size) return null;
  const most = { size: all, slackPico: slackOf(all) };
  return most.size + most.slackPico >= worstPico ? most : null;
}

/** What is left for another lease to go beyond its amount: the leases of a tenant share one lease of it. */
export function slackSize(
  request: Readonly<{ mode: LeaseMode; amountPico: bigint; lentPico: bigint }>,
): bigint {
  const { mode, amountPico, lentPico } = request;
  return mode === 'strict' || lentPico >= amountPico ? 0n : amountPico - lentPico;
}
