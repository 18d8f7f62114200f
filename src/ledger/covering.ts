/**
 * What can pay for a tenant's calls, and in which order: the port through which leases learn of grants,
 * quotas and allowances, which live above this module. Without it cash alone covers.
 *
 * A lease takes from the sources in the order given. What it holds of a source is out of reach of every
 * other lease, so what leases set aside can really be paid; whoever funds a posted call takes no more of a
 * source than what is free of it plus what the call's own lease holds (`leases.payable`).
 */
import type { Database } from '#platform/database.ts';
import { type Account, tenantCredit } from './entry.ts';

export type CoverRequest = Readonly<{
  tenantId: string;
  /** Null asks for what covers every call of the tenant. */
  projectId: string | null;
  modelId: string | null;
  currency: string;
}>;

const BATCH_SUFFIX = '#batch';

/**
 * How leases name the model of a call. Batches are paid otherwise than single calls, so what is set aside for
 * the one must not be spent on the other: for leases they call another model.
 */
export function leaseModel(modelId: string, serviceTier: string): string {
  return serviceTier === 'batch' ? `${modelId}${BATCH_SUFFIX}` : modelId;
}

export function parseLeaseModel(
  text: string,
): Readonly<{ modelId: string; serviceTier: 'batch' | 'default' }> {
  return text.endsWith(BATCH_SUFFIX)
    ? { modelId: text.slice(0, -BATCH_SUFFIX.length), serviceTier: 'batch' }
    : { modelId: text, serviceTier: 'default' };
}

export type CoverSource = Readonly<{
  /** Names the source in lease parts and in usage: `cash`, or the id of a grant, quota or plan. */
  sourceId: string;
  /** Who pays: an account of the tenant, or one of the platform where nothing is paid in money. */
  account: Account;
  /**
   * What the source has, before what leases hold of it, valued so that it can never pay less. Null:
   * as much as its account has above its floor. More than that is never leased of a tenant's account.
   */
  availablePico: bigint | null;
  /**
   * What one unit of it is worth in this lease, where it is counted in units: leases for calls of other
   * models may value it otherwise, so what they hold is counted in units. 1 for money.
   */
  picoPerUnit?: bigint;
  /** Covers calls of some projects or models only: so does a lease that takes of it. */
  isScoped: boolean;
  /** A lease that takes of it ends by then; null where the source does not end. */
  endsAtMs: number | null;
  /**
   * Where what is held is counted by when its lease was opened, as of windows: a lease that was opened
   * before does not grow by it.
   */
  beginsAtMs?: number;
}>;

export type Covering = Readonly<{
  /**
   * In deduction order, within the lease's transaction: rows of its own that it reads are locked by it,
   * before any balance is.
   */
  coverOf: (tx: Database, request: CoverRequest) => Promise<readonly CoverSource[]>;
  /** Why a lease was refused, where money would not help; asked in its transaction. */
  stopOf?: (tx: Database, request: CoverRequest) => Promise<CoverStop | null>;
}>;

/** A plan whose allowance is used up, or a tenant that wants nothing but its free quota to pay. */
export const COVER_STOPS = ['plan_exhausted', 'free_quota_exhausted'] as const;

export type CoverStop = Readonly<{
  code: (typeof COVER_STOPS)[number];
  /** When there is something again; null where nobody knows. */
  retryAtMs: number | null;
}>;

/** The source that every tenant has. */
export const CASH_SOURCE = 'cash';

export function cashSource(tenantId: string, currency: string): CoverSource {
  return {
    sourceId: CASH_SOURCE,
    account: tenantCredit(tenantId, currency),
    availablePico: null,
    isScoped: false,
    endsAtMs: null,
  };
}

export const cashCovering: Covering = {
  coverOf: async (_tx, { tenantId, currency }) => [cashSource(tenantId, currency)],
};
