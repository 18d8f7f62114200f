/**
 * What a lease may take of each source just now: asks the covering, then locks and reads the balances. A gateway
 * waits for this, so it asks the database twice and not for each thing that it wants to know.
 */
import type { Database } from '#platform/database.ts';
import type { CoverRequest, CoverSource, Covering } from './covering.ts';
import { type Account, tenantCredit } from './entry.ts';
import type { LeaseMode } from './lease.ts';
import type { FreeSource } from './lease-part.ts';
import { selectLeaseTerms } from './lease-store.ts';
import { openAccounts } from './posting.ts';
import { type AccountState, lockBalances } from './store.ts';

export type Covered = Readonly<{
  sources: readonly FreeSource[];
  mode: LeaseMode;
  /** How far open leases of the tenant may still go beyond their amounts, together. */
  lentPico: bigint;
}>;

/** Raises `ledger.tenant_unknown`. Whoever asks holds the locks of the tenant's balances afterwards. */
export async function readCover(
  tx: Database,
  covering: Covering,
  request: CoverRequest,
): Promise<Covered> {
  const { tenantId } = request;
  const sources = await covering.coverOf(tx, request);
  const cash = tenantCredit(tenantId, request.currency);
  const accounts = [cash, ...sources.map(({ account }) => account)];
  const states = await lockAll(tx, accounts);
  const terms = await selectLeaseTerms(tx, {
    tenantId,
    accountId: cash.id,
    sourceIds: sources.map(({ sourceId }) => sourceId),
  });
  return {
    mode: terms.mode,
    lentPico: terms.lentPico,
    sources: sources.map((source) => ({
      source,
      freePico: freeOfSource(source, {
        state: source.account.tenantId === null ? null : (states.get(source.account.id) ?? null),
        heldUnits: terms.held.get(source.sourceId) ?? 0n,
      }),
    })),
  };
}

/** The cash account is locked even where it does not pay, so that a tenant's leases are opened one at a time. */
async function lockAll(
  tx: Database,
  accounts: readonly Account[],
): Promise<ReadonlyMap<string, AccountState>> {
  const owned = accounts.filter(({ tenantId }) => tenantId !== null);
  const shared = accounts.filter(({ tenantId }) => tenantId === null);
  if (shared.length > 0) await openAccounts(tx, shared);
  const ids = owned.map(({ id }) => id);
  const states = await lockBalances(tx, ids);
  if (ids.every((id) => states.has(id))) return states;
  await openAccounts(tx, owned);
  return lockBalances(tx, ids);
}

/** Never below zero; null where nothing limits it. Of the platform's accounts only the source itself is asked. */
export function freeOfSource(
  source: Pick<CoverSource, 'availablePico' | 'picoPerUnit'>,
  known: Readonly<{ state: AccountState | null; heldUnits: bigint }>,
): bigint | null {
  const { state, heldUnits } = known;
  const { availablePico, picoPerUnit = 1n } = source;
  const offered =
    availablePico === null ? null : (availablePico / picoPerUnit - heldUnits) * picoPerUnit;
  const ofAccount =
    state === null || state.floorPico === null
      ? null
      : state.balancePico - state.floorPico - state.heldPico;
  const free = smaller(offered, ofAccount);
  return free !== null && free < 0n ? 0n : free;
}

function smaller(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null) return right;
  if (right === null) return left;
  return left < right ? left : right;
}
