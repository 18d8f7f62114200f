/** All SQL of the ledger's posting side. Statements take whole batches; rows are locked in key order. */
import { type Database, sql } from '#platform/database.ts';
import type { Account, BalanceChange, NewEntry } from './entry.ts';

export type HashedEntry = Readonly<{ entry: NewEntry; hash: Buffer }>;

export type StoredKey = Readonly<{ id: number; key: string; hash: Buffer; isNew: boolean }>;

/**
 * Claims the keys of a batch. A key that exists already comes back with the id and hash it has; the
 * insert waits for a concurrent transaction that holds the same key, so the answer is final.
 */
export async function insertEntries(
  tx: Database,
  entries: readonly HashedEntry[],
): Promise<ReadonlyMap<string, StoredKey>> {
  const sorted = entries.toSorted((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
  const keys = sorted.map(({ entry }) => entry.key);
  const inserted = await sql<{ id: number; key: string; hash: Buffer }>`
    insert into ledger_entries (key, payload_sha256, kind, reference, effective_at)
    select key, hash, kind, reference, to_timestamp(effective_ms / 1000.0)
    from unnest(
      ${keys}::text[],
      ${sorted.map(({ hash }) => hash)}::bytea[],
      ${sorted.map(({ entry }) => entry.kind)}::text[],
      ${sorted.map(({ entry }) => JSON.stringify(entry.reference))}::jsonb[],
      ${sorted.map(({ entry }) => entry.effectiveAtMs)}::double precision[]
    ) with ordinality as new (key, hash, kind, reference, effective_ms, position)
    order by position
    on conflict (key) do nothing
    returning id, key, payload_sha256 as hash`.execute(tx);
  const found = new Map<string, StoredKey>(
    inserted.rows.map((row) => [row.key, { ...row, isNew: true }]),
  );
  const missing = keys.filter((key) => !found.has(key));
  if (missing.length === 0) return found;
  const existing = await sql<{ id: number; key: string; hash: Buffer }>`
    select id, key, payload_sha256 as hash from ledger_entries
    where key = any(${missing}::text[])`.execute(tx);
  for (const row of existing.rows) found.set(row.key, { ...row, isNew: false });
  return found;
}

/**
 * Accounts appear when they are first posted to; the floor of one that exists is left alone. Only what a
 * tenant spends from may have a credit line below zero; nothing else of a tenant's is ever lent.
 */
export async function ensureAccounts(tx: Database, accounts: readonly Account[]): Promise<void> {
  const sorted = accounts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await sql`
    insert into ledger_accounts (id, tenant_id, kind, currency, floor_pico)
    select id, tenant_id, kind, currency,
      case
        when kind = 'author' then null
        when kind = 'credit' or ledger_floor_of(tenant_id) is null then ledger_floor_of(tenant_id)
        else 0
      end
    from unnest(
      ${sorted.map(({ id }) => id)}::text[],
      ${sorted.map(({ tenantId }) => tenantId)}::text[],
      ${sorted.map(({ kind }) => kind)}::text[],
      ${sorted.map(({ currency }) => currency)}::text[]
    ) with ordinality as new (id, tenant_id, kind, currency, position)
    order by position
    on conflict do nothing`.execute(tx);
}

/** Which of these accounts exist. */
export async function selectAccountIds(
  tx: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from ledger_accounts where id = any(${ids}::text[])`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

export async function insertPostings(
  tx: Database,
  entries: readonly Readonly<{ id: number; entry: NewEntry }>[],
): Promise<void> {
  const postings = entries.flatMap(({ id, entry }) =>
    entry.postings.map((posting, position) => ({ id, position, ...posting })),
  );
  await sql`
    insert into ledger_postings (entry_id, position, account_id, currency, amount_pico)
    select * from unnest(
      ${postings.map(({ id }) => id)}::bigint[],
      ${postings.map(({ position }) => position)}::integer[],
      ${postings.map(({ account }) => account.id)}::text[],
      ${postings.map(({ account }) => account.currency)}::text[],
      ${postings.map(({ amountPico }) => amountPico.toString())}::numeric[]
    )`.execute(tx);
}

/** First argument of the advisory locks that stand for shards; any constant will do. */
const SHARD_LOCKS = 7_365_204;

/**
 * A shard that no other transaction is using, ours until the transaction ends: writers of platform accounts
 * never wait for each other. Null when there are more writers than shards.
 */
export async function takeShard(tx: Database, shards: number): Promise<number | null> {
  const { rows } = await sql<{ shard: number }>`
    select shard from generate_series(0, ${shards - 1}::integer) as shard
    where pg_try_advisory_xact_lock(${SHARD_LOCKS}, shard) limit 1`.execute(tx);
  return rows[0]?.shard ?? null;
}

/** Adds to the balance rows in the order given, which is the lock order, and returns the new balances. */
export async function addToBalances(
  tx: Database,
  changes: readonly BalanceChange[],
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ accountId: string; balance: string }>`
    insert into ledger_balances (account_id, shard, balance_pico)
    select account_id, shard, amount_pico
    from unnest(
      ${changes.map(({ account }) => account.id)}::text[],
      ${changes.map(({ shard }) => shard)}::integer[],
      ${changes.map(({ amountPico }) => amountPico.toString())}::numeric[]
    ) with ordinality as change (account_id, shard, amount_pico, position)
    order by position
    on conflict (account_id, shard)
      do update set balance_pico = ledger_balances.balance_pico + excluded.balance_pico
    returning account_id as "accountId", balance_pico as balance`.execute(tx);
  return new Map(rows.map((row) => [row.accountId, BigInt(row.balance)]));
}

export type AccountState = Readonly<{
  balancePico: bigint;
  /** What open leases hold of it. */
  heldPico: bigint;
  floorPico: bigint | null;
}>;

export async function selectAccountState(
  database: Database,
  accountId: string,
): Promise<AccountState> {
  const states = await selectAccountStates(database, [accountId]);
  return states.get(accountId) ?? { balancePico: 0n, heldPico: 0n, floorPico: 0n };
}

/** Of those that exist. */
export async function selectAccountStates(
  database: Database,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, AccountState>> {
  const { rows } = await sql<StateRow>`
    select a.id,
      coalesce((select sum(balance_pico) from ledger_balances where account_id = a.id), 0) as balance,
      coalesce((select sum(held_pico) from lease_parts
        where account_id = a.id and held_pico > 0), 0) as held,
      floor_pico as floor
    from ledger_accounts a where id = any(${accountIds}::text[])`.execute(database);
  return toStates(rows);
}

type StateRow = Readonly<{ id: string; balance: string; held: string; floor: string | null }>;

function toStates(rows: readonly StateRow[]): ReadonlyMap<string, AccountState> {
  return new Map(
    rows.map(({ id, balance, held, floor }) => [
      id,
      {
        balancePico: BigInt(balance),
        heldPico: BigInt(held),
        floorPico: floor === null ? null : BigInt(floor),
      },
    ]),
  );
}

/**
 * Locks the one balance row of each of these tenants' accounts that exist, in the order in which posting does:
 * leases and floor checks of an account happen one at a time. What it answers was read under the locks.
 */
export async function lockBalances(
  tx: Database,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, AccountState>> {
  const { rows } = await sql<StateRow>`
    select id, balance_pico as balance, held_pico as held, floor_pico as floor
    from ledger_lock_balances(${[...new Set(accountIds)]}::text[])`.execute(tx);
  return toStates(rows);
}

export type EntryRow = Readonly<{
  id: number;
  kind: string;
  key: string;
  effectiveAt: Date;
  recordedAt: Date;
}>;

export type EntryPage = Readonly<{
  /**
   * Null lists every tenant's entries: the operator's ledger. An author is not shown who called its
   * models: entries of usage are their payer's alone.
   */
  tenantId: string | null;
  /** Entries with a smaller id; null starts at the newest. */
  beforeId: number | null;
  limit: number;
}>;

export async function selectEntries(
  database: Database,
  page: EntryPage,
): Promise<readonly EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select e.id, e.kind, e.key, e.effective_at as "effectiveAt", e.recorded_at as "recordedAt"
    from ledger_entries e
    where (${page.beforeId}::bigint is null or e.id < ${page.beforeId}::bigint)
      and (${page.tenantId}::text is null or exists (
        select 1 from ledger_postings p join ledger_accounts a on a.id = p.account_id
        where p.entry_id = e.id and a.tenant_id = ${page.tenantId}::text
          and (a.kind <> 'author' or e.kind <> 'usage')))
    order by e.id desc limit ${page.limit}`.execute(database);
  return rows;
}

export type PostingRow = Readonly<{
  entryId: number;
  accountId: string;
  currency: string;
  amount: string;
}>;

/**
 * Postings of these entries. To a tenant, what another one got of them is the platform's revenue, or the
 * difference would tell which share an author has.
 */
export async function selectPostings(
  database: Database,
  request: Readonly<{ tenantId: string | null; entryIds: readonly number[] }>,
): Promise<readonly PostingRow[]> {
  const { rows } = await sql<PostingRow>`
    select p.entry_id as "entryId",
      case when ${request.tenantId}::text is null or a.tenant_id is null
        or a.tenant_id = ${request.tenantId}::text
        then p.account_id else 'platform/revenue/' || p.currency end as "accountId",
      p.currency, sum(p.amount_pico) as amount
    from ledger_postings p join ledger_accounts a on a.id = p.account_id
    where p.entry_id = any(${request.entryIds}::bigint[])
    group by 1, 2, 3 having sum(p.amount_pico) <> 0
    order by 1, min(p.position)`.execute(database);
  return rows;
}
