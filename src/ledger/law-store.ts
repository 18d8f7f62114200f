/** All SQL of the ledger's laws: pages of rows beside what they should say. */
import { type Database, sql } from '#platform/database.ts';

type Page = Readonly<{ after: string; limit: number }>;

export type EntryAudit = Readonly<{
  id: number;
  currency: string;
  total: string;
  /** An account with another currency. */
  foreign: string | null;
}>;

/** Of a page of entries, those with something wrong. */
export async function auditEntries(
  database: Database,
  page: Readonly<{ after: number; limit: number }>,
): Promise<Readonly<{ rows: readonly EntryAudit[]; examined: number; last: number | null }>> {
  const { rows: found } = await sql<{
    first: number | null;
    last: number | null;
    examined: number;
  }>`
    select min(id) as first, max(id) as last, count(*) as examined from (
      select id from ledger_entries where id > ${page.after} order by id limit ${page.limit}
    ) as page`.execute(database);
  const [range] = found;
  if (range === undefined || range.last === null) return { rows: [], examined: 0, last: null };
  const { rows } = await sql<EntryAudit>`
    select p.entry_id as id, p.currency, sum(p.amount_pico) as total,
      min(a.id) filter (where a.currency <> p.currency) as foreign
    from ledger_postings p join ledger_accounts a on a.id = p.account_id
    where p.entry_id between ${range.first} and ${range.last}
    group by p.entry_id, p.currency
    having sum(p.amount_pico) <> 0 or count(*) filter (where a.currency <> p.currency) > 0
    order by 1, 2`.execute(database);
  return { rows, examined: range.examined, last: range.last };
}

/** The id that the latest `entries` come after; ids may have gaps, so there are at most as many. */
export async function selectEntryBefore(database: Database, entries: number): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    select max(id) as last from ledger_entries`.execute(database);
  return Math.max(0, (rows[0]?.last ?? 0) - entries);
}

export type LeaseAudit = Readonly<{
  id: string;
  state: 'open' | 'released' | 'expired';
  amount: string;
  slack: string;
  settled: string;
  /** Over its parts. */
  held: string;
  expiresAt: Date;
  /** Of an account, or parts of an account, of somebody else. */
  isForeign: boolean;
}>;

export async function auditLeases(database: Database, page: Page): Promise<readonly LeaseAudit[]> {
  const { rows } = await sql<LeaseAudit>`
    select l.id, l.state, l.amount_pico as amount, l.slack_pico as slack, l.settled_pico as settled,
      l.expires_at as "expiresAt", coalesce(part.held, 0) as held,
      a.tenant_id is distinct from l.tenant_id or coalesce(part.foreign_accounts, 0) > 0 as "isForeign"
    from leases l join ledger_accounts a on a.id = l.account_id
      left join lateral (
        select sum(p.held_pico) as held,
          count(*) filter (where o.tenant_id is not null and o.tenant_id <> l.tenant_id) as foreign_accounts
        from lease_parts p join ledger_accounts o on o.id = p.account_id
        where p.tenant_id = l.tenant_id and p.lease_id = l.id
      ) as part on true
    where l.id > ${page.after} order by l.id limit ${page.limit}`.execute(database);
  return rows;
}
