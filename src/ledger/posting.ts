/** Posts batches of entries inside the caller's transaction: idempotent by key, balances kept as folds. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type Database, PG_ERROR } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import {
  type Account,
  type NewEntry,
  PLATFORM_SHARDS,
  balanceChanges,
  checkEntry,
  payloadHash,
} from './entry.ts';
import { fail } from './errors.ts';
import {
  addToBalances,
  ensureAccounts,
  insertEntries,
  insertPostings,
  selectAccountIds,
  selectAccountState,
  takeShard,
} from './store.ts';

export type Posted = Readonly<{ kind: 'posted' | 'duplicate'; entryId: number }>;

/**
 * Posts every entry of the batch whose key is new and answers in the order given. Raises
 * `ledger.key_reused` when a key exists with another payload, `ledger.amount_too_large` when a balance
 * would have too many digits, and what `checkEntry` raises; the caller's transaction ends.
 */
export async function postAll(
  tx: Database,
  entries: readonly NewEntry[],
): Promise<readonly Posted[]> {
  if (entries.length === 0) return [];
  for (const entry of entries) checkEntry(entry);
  const hashed = entries.map((entry) => ({ entry, hash: payloadHash(entry) }));
  const keys = await insertEntries(tx, hashed);
  const fresh = hashed.flatMap(({ entry, hash }) => {
    const stored = keys.get(entry.key);
    assert(stored !== undefined, 'a key that was not inserted exists');
    if (!stored.hash.equals(hash)) {
      throw fail(
        'ledger.key_reused',
        `The key ${entry.key} was used before with another amount or account.`,
      );
    }
    return stored.isNew ? [{ id: stored.id, entry, hash }] : [];
  });
  if (fresh.length > 0) {
    await openAccounts(
      tx,
      fresh.flatMap(({ entry }) => entry.postings.map((posting) => posting.account)),
    );
    await insertPostings(tx, fresh);
    const posted = fresh.map(({ entry }) => entry);
    const shard = (await takeShard(tx, PLATFORM_SHARDS)) ?? randomInt(PLATFORM_SHARDS);
    await addToBalances(tx, balanceChanges(posted, shard)).catch(nameOverflow);
  }
  return entries.map((entry) => {
    const stored = keys.get(entry.key);
    assert(stored !== undefined, 'every key was read above');
    return { kind: stored.isNew ? 'posted' : 'duplicate', entryId: stored.id };
  });
}

/** A balance has as many digits as an amount. */
function nameOverflow(error: unknown): never {
  if (codeOf(error) !== PG_ERROR.numericOverflow) throw error;
  throw fail('ledger.amount_too_large', 'A balance would have more than 38 digits in pico.', {
    cause: error,
  });
}

/** Raises `ledger.insufficient_balance` when postings of this transaction went under a tenant's floor. */
export async function requireFloors(tx: Database, accounts: readonly Account[]): Promise<void> {
  for (const account of accounts) {
    if (account.tenantId === null) continue;
    const state = await selectAccountState(tx, account.id);
    if (state.floorPico === null) continue;
    if (state.balancePico - state.heldPico < state.floorPico) {
      throw fail(
        'ledger.insufficient_balance',
        'The balance does not cover this, counting what gateways have set aside.',
      );
    }
  }
}

/** Raises `ledger.tenant_unknown` when an account names a tenant that does not exist. */
export async function openAccounts(tx: Database, accounts: readonly Account[]): Promise<void> {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const existing = await selectAccountIds(tx, [...byId.keys()]);
  const missing = [...byId.values()].filter((account) => !existing.has(account.id));
  if (missing.length === 0) return;
  try {
    await ensureAccounts(tx, missing);
  } catch (error) {
    if (codeOf(error) !== PG_ERROR.foreignKeyViolation) throw error;
    throw fail('ledger.tenant_unknown', 'There is no such tenant.', { cause: error });
  }
}
