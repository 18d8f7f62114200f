/**
 * Grants as values: an amount of money that may be spent within a time and a scope. Pure. A savings plan
 * is a grant that was paid for, and what a coupon gives is one too, so all of them obey one set of laws:
 * never spent beyond their amount, before their start, after their end or out of their scope.
 */
import { type Scope, type Subject, isInScope } from './charge.ts';

/** `manual`: the operator's gift. */
export const ORIGINS = ['manual', 'coupon', 'savings_plan'] as const;
export type Origin = (typeof ORIGINS)[number];

export type Grant = Readonly<{
  tenantId: string;
  id: string;
  origin: Origin;
  currency: string;
  remainingPico: bigint;
  /** Of every call it pays this part; all of it is 10,000. */
  shareBasisPoints: number;
  /** The smaller goes first. */
  priority: number;
  scope: Scope;
  startsAtMs: number;
  /** Null never ends. */
  expiresAtMs: number | null;
  createdAtMs: number;
  /** It was taken back: it pays for what leases hold of it already, and nothing new is promised of it. */
  isRevoked: boolean;
}>;

export const ALL_BASIS_POINTS = 10_000;

/** Whether it may pay for this, at that time. What is left of it is another question. */
export function mayPay(
  grant: Grant,
  subject: Subject & Readonly<{ currency: string; atMs: number }>,
): boolean {
  return (
    grant.currency === subject.currency &&
    grant.startsAtMs <= subject.atMs &&
    (grant.expiresAtMs === null || subject.atMs < grant.expiresAtMs) &&
    isInScope(grant.scope, subject)
  );
}

/** The order among grants: by priority, then what ends soonest, then what came first. */
export function compareGrants(left: Grant, right: Grant): number {
  return (
    left.priority - right.priority ||
    (left.expiresAtMs ?? Infinity) - (right.expiresAtMs ?? Infinity) ||
    left.createdAtMs - right.createdAtMs ||
    (left.id < right.id ? -1 : 1)
  );
}

/** What it would pay of an amount, were there enough of it. Less than a pico is dropped. */
export function shareOf(grant: Pick<Grant, 'shareBasisPoints'>, amountPico: bigint): bigint {
  return (amountPico * BigInt(grant.shareBasisPoints)) / BigInt(ALL_BASIS_POINTS);
}

/** What a savings plan of this worth costs up front. */
export function discounted(amountPico: bigint, discountBasisPoints: number): bigint {
  return (amountPico * BigInt(ALL_BASIS_POINTS - discountBasisPoints)) / BigInt(ALL_BASIS_POINTS);
}
