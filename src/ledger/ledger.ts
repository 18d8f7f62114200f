/**
 * Double entry, append-only, at 10⁻¹² of the currency. Owns accounts, entries, balances and leases, and
 * knows nothing of tokens. Promises: an entry sums to zero (the database checks it too), a key posts
 * once, a balance is the fold of its postings and changes in the same transaction, and open leases
 * never exceed what their tenant has. Corrections are new entries.
 *
 * A tenant's account is what it may still spend: credit adds to it and usage takes from it. Posting
 * never fails for lack of money, because what is posted has happened; admission asks `leases` first.
 */
import assert from 'node:assert/strict';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { Balance, Entry } from './api.ts';
import { type Checkpoints, createCheckpoints } from './checkpoint.ts';
import type { Covering } from './covering.ts';
import { type NewEntry, platformAccount, tenantCredit } from './entry.ts';
import { fail } from './errors.ts';
import { type Leases, createLeases } from './leases.ts';
import { formatAmount } from './money.ts';
import { type Posted, openAccounts, postAll, requireFloors } from './posting.ts';
import { selectAccountState, selectEntries, selectPostings } from './store.ts';
import { type Finding, verifyLedger } from './verify.ts';

export type Credit = Readonly<{
  tenantId: string;
  /** The tenant's where it is left out. */
  currency?: string;
  amountPico: bigint;
  idempotencyKey: string;
  note: string;
}>;

export type EntryQuery = Readonly<{
  tenantId: string | null;
  beforeId: number | null;
  limit: number;
}>;

export type Ledger = Readonly<{
  leases: Leases;
  /** Posts one entry in the caller's transaction. Raises `ledger.key_reused`. */
  post: (tx: Database, entry: NewEntry) => Promise<Posted>;
  /** Posts many, in one round of statements, answers in their order. Raises `ledger.key_reused`. */
  postAll: (tx: Database, entries: readonly NewEntry[]) => Promise<readonly Posted[]>;
  /**
   * Checks, in the transaction that posted, that a tenant stays at or above its floor after what its
   * leases hold. Raises `ledger.insufficient_balance`.
   */
  requireFloor: (
    tx: Database,
    request: Readonly<{ tenantId: string; currency: string }>,
  ) => Promise<void>;
  /** Gives a tenant credit. Raises `ledger.tenant_unknown`, `ledger.currency_differs`, `ledger.key_reused`. */
  credit: (credit: Credit) => Promise<Entry>;
  /** In the tenant's currency, or another one where that is asked for. */
  balance: (tenantId: string, currency?: string) => Promise<Balance>;
  /** Newest first; a tenant sees its own postings and the platform's side of them, nobody else's. */
  entries: (query: EntryQuery) => Promise<readonly Entry[]>;
  /** Days that are over, sealed so that no row of them can be edited unseen. */
  checkpoints: Checkpoints;
  verify: () => Promise<readonly Finding[]>;
}>;

export function createLedger(
  parts: Readonly<{ database: Database; covering?: Covering; clock: Clock; log: Log }>,
): Ledger {
  const { database, clock } = parts;
  const checkpoints = createCheckpoints(parts);
  return {
    leases: createLeases(parts),
    post: async (tx, entry) => {
      const [posted] = await postAll(tx, [entry]);
      assert(posted !== undefined, 'one entry has one answer');
      return posted;
    },
    postAll,
    requireFloor: (tx, { tenantId, currency }) =>
      requireFloors(tx, [tenantCredit(tenantId, currency)]),
    credit: async (credit) => {
      const { entryId } = await postCredit(database, credit, clock.nowMs());
      const { tenantId } = credit;
      const [entry] = await readEntries(database, { tenantId, beforeId: entryId + 1, limit: 1 });
      assert(entry?.id === entryId, 'what was posted can be read');
      return entry;
    },
    balance: async (tenantId, currency) =>
      readBalance(database, {
        tenantId,
        currency: currency ?? (await readCurrency(database, tenantId)),
      }),
    entries: (query) => readEntries(database, query),
    checkpoints,
    verify: async () => [
      ...(await verifyLedger(database, clock.nowMs())),
      ...(await checkpoints.verify()),
    ],
  };
}

async function postCredit(database: Database, credit: Credit, nowMs: number): Promise<Posted> {
  const { tenantId, amountPico, idempotencyKey, note } = credit;
  if (amountPico <= 0n) {
    throw fail('ledger.amount_invalid', 'Credit is an amount above zero.', { param: 'amount' });
  }
  const currency = await readCurrency(database, tenantId);
  if (credit.currency !== undefined && credit.currency !== currency) {
    throw fail(
      'ledger.currency_differs',
      `The tenant pays in ${currency}, not in ${credit.currency}.`,
      {
        param: 'currency',
      },
    );
  }
  const account = tenantCredit(tenantId, currency);
  return transaction(database, async (tx) => {
    await openAccounts(tx, [account]);
    const [posted] = await postAll(tx, [
      {
        key: `credit/${tenantId}/${idempotencyKey}`,
        kind: 'credit',
        reference: { note },
        effectiveAtMs: nowMs,
        postings: [
          { account, amountPico },
          { account: platformAccount('grant', currency), amountPico: -amountPico },
        ],
      },
    ]);
    assert(posted !== undefined, 'one entry has one answer');
    return posted;
  });
}

async function readBalance(
  database: Database,
  request: Readonly<{ tenantId: string; currency: string }>,
): Promise<Balance> {
  const { tenantId, currency } = request;
  const state = await selectAccountState(database, tenantCredit(tenantId, currency).id);
  return {
    tenantId,
    currency,
    balance: formatAmount(state.balancePico),
    held: formatAmount(state.heldPico),
    available: formatAmount(state.balancePico - state.heldPico),
  };
}

async function readEntries(database: Database, query: EntryQuery): Promise<readonly Entry[]> {
  const entries = await selectEntries(database, query);
  const postings = await selectPostings(database, {
    tenantId: query.tenantId,
    entryIds: entries.map((entry) => entry.id),
  });
  const byEntry = Map.groupBy(postings, (posting) => posting.entryId);
  return entries.map((entry) => ({
    id: entry.id,
    kind: entry.kind,
    key: entry.key,
    effectiveAt: entry.effectiveAt.toISOString(),
    recordedAt: entry.recordedAt.toISOString(),
    postings: (byEntry.get(entry.id) ?? []).map(({ accountId, currency, amount }) => ({
      accountId,
      currency,
      amount: formatAmount(BigInt(amount)),
    })),
  }));
}
