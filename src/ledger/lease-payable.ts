/**
 * What a posted call may take of each source, for whoever decides which sources pay. Of a source a call
 * may take what nobody holds of it and what its own lease holds; so what other leases hold stays payable.
 */
import type { Database } from '#platform/database.ts';
import type { Account } from './entry.ts';
import type { LeasePart } from './lease-part.ts';
import { selectParts } from './lease-store.ts';
import { type AccountState, lockBalances } from './store.ts';

export type Payable = Readonly<{
  /** By account id, of those tenants' accounts that exist. */
  accounts: ReadonlyMap<string, AccountState>;
  /** By lease id, in deduction order; what it holds of a source may be 0. */
  parts: ReadonlyMap<string, readonly LeasePart[]>;
}>;

export async function readPayable(
  tx: Database,
  request: Readonly<{ accounts: readonly Account[]; leaseIds: readonly string[] }>,
): Promise<Payable> {
  const owned = request.accounts.filter(({ tenantId }) => tenantId !== null).map(({ id }) => id);
  const accounts = await lockBalances(tx, owned);
  const parts = await selectParts(tx, request.leaseIds);
  return { accounts, parts };
}
