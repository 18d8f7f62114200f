/** Rows as the API shows them. Pure. */
import { formatAmount } from '#ledger/money.ts';
import type { Grant } from './api.ts';
import type { StoredGrant } from './grants-store.ts';

export function presentGrant(grant: StoredGrant, nowMs: number): Grant {
  return {
    id: grant.id,
    tenantId: grant.tenantId,
    origin: grant.origin,
    name: grant.name,
    currency: grant.currency,
    amount: formatAmount(grant.amountPico),
    remaining: formatAmount(grant.remainingPico),
    paid: formatAmount(grant.paidPico),
    percent: toPercent(grant.shareBasisPoints),
    priority: grant.priority,
    models: grant.models === null ? null : [...grant.models],
    projectId: grant.projectId,
    product: grant.product,
    startsAt: grant.startsAt.toISOString(),
    expiresAt: grant.expiresAt?.toISOString() ?? null,
    state: stateOf(grant, nowMs),
    note: grant.note,
    createdAt: grant.createdAt.toISOString(),
  };
}

function stateOf(grant: StoredGrant, nowMs: number): Grant['state'] {
  if (grant.isRevoked) return 'revoked';
  const isOver = grant.expiresAt !== null && grant.expiresAt.getTime() <= nowMs;
  if (grant.isEnded || isOver) return 'expired';
  return grant.remainingPico === 0n ? 'used_up' : 'active';
}

export function toPercent(basisPoints: number): number {
  return basisPoints / 100;
}

/** The API lets two digits after the point through. */
export function toBasisPoints(percent: number): number {
  return Math.round(percent * 100);
}
