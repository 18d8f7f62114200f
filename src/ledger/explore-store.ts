/** SQL that reads the whole ledger, for the operator's eyes: accounts with what they hold, and entries. */
import { type Database, sql } from '#platform/database.ts';

export type AccountRow = Readonly<{
  id: string;
  tenantId: string | null;
  tenantName: string | null;
  kind: string;
  currency: string;
  floorPico: string | null;
  balancePico: string;
  createdAt: Date;
}>;

export type AccountQuery = Readonly<{
  /** A part of the id, or of the tenant's name. */
  search: string | null;
  kind: string | null;
  tenantId: string | null;
  /** Accounts with a greater id. */
  afterId: string | null;
  limit: number;
}>;

/** By id, which puts the platform's first. */
export async function selectAccounts(
  database: Database,
  query: AccountQuery,
): Promise<readonly AccountRow[]> {
  const pattern = query.search === null ? null : `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<AccountRow>`
    select a.id, a.tenant_id as "tenantId", t.name as "tenantName", a.kind, a.currency,
      a.floor_pico as "floorPico", a.created_at as "createdAt",
      coalesce((select sum(balance_pico) from ledger_balances b where b.account_id = a.id), 0)
        as "balancePico"
    from ledger_accounts a left join tenants t on t.id = a.tenant_id
    where (${query.kind}::text is null or a.kind = ${query.kind}::text)
      and (${query.tenantId}::text is null or a.tenant_id = ${query.tenantId}::text)
      and (${query.afterId}::text is null or a.id > ${query.afterId}::text)
      and (${pattern}::text is null or a.id ilike ${pattern}::text or t.name ilike ${pattern}::text)
    order by a.id limit ${query.limit}`.execute(database);
  return rows;
}

export type EntryDetailRow = Readonly<{
  id: number;
  kind: string;
  key: string;
  reference: Readonly<Record<string, string | number>>;
  effectiveAt: Date;
  recordedAt: Date;
}>;

/** By id, or by key where there is no id. */
export async function selectEntry(
  database: Database,
  which: Readonly<{ id: number | null; key: string | null }>,
): Promise<EntryDetailRow | null> {
  const { rows } = await sql<EntryDetailRow>`
    select id, kind, key, reference, effective_at as "effectiveAt", recorded_at as "recordedAt"
    from ledger_entries
    where (${which.id}::bigint is not null and id = ${which.id}::bigint)
      or (${which.key}::text is not null and key = ${which.key}::text)
    limit 1`.execute(database);
  return rows[0] ?? null;
}

export type EntryPostingRow = Readonly<{
  accountId: string;
  tenantName: string | null;
  currency: string;
  amount: string;
}>;

export async function selectEntryPostings(
  database: Database,
  entryId: number,
): Promise<readonly EntryPostingRow[]> {
  const { rows } = await sql<EntryPostingRow>`
    select p.account_id as "accountId", t.name as "tenantName", p.currency, p.amount_pico as amount
    from ledger_postings p
    join ledger_accounts a on a.id = p.account_id left join tenants t on t.id = a.tenant_id
    where p.entry_id = ${entryId} order by p.position`.execute(database);
  return rows;
}

export type AccountLineRow = Readonly<{
  entryId: number;
  kind: string;
  key: string;
  effectiveAt: Date;
  amountPico: string;
  balancePico: string;
}>;

/**
 * What moved an account, newest first, and what it held after each. In one statement, so that balances and
 * amounts are of the same moment: the balance now, less everything that came later.
 */
export async function selectAccountLines(
  database: Database,
  query: Readonly<{ accountId: string; beforeId: number | null; limit: number }>,
): Promise<readonly AccountLineRow[]> {
  const { accountId, beforeId, limit } = query;
  const { rows } = await sql<AccountLineRow>`
    with page as (
      select p.entry_id, e.kind, e.key, e.effective_at, sum(p.amount_pico) as amount
      from ledger_postings p join ledger_entries e on e.id = p.entry_id
      where p.account_id = ${accountId}
        and (${beforeId}::bigint is null or p.entry_id < ${beforeId}::bigint)
      group by 1, 2, 3, 4 order by 1 desc limit ${limit}
    ), top as (
      select coalesce((select sum(balance_pico) from ledger_balances
          where account_id = ${accountId}), 0)
        - coalesce((select sum(amount_pico) from ledger_postings
          where account_id = ${accountId} and entry_id >= ${beforeId}::bigint), 0) as balance
    )
    select entry_id as "entryId", kind, key, effective_at as "effectiveAt",
      amount as "amountPico", top.balance - coalesce(sum(amount) over (order by entry_id desc
        rows between unbounded preceding and 1 preceding), 0) as "balancePico"
    from page, top order by entry_id desc`.execute(database);
  return rows;
}
