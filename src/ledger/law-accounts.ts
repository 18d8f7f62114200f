/** SQL of the law on balances: accounts beside the sum of their postings, so many postings at a time. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';

export type AccountAudit = Readonly<{
  id: string;
  /** Over the postings that were looked at. */
  posted: string;
  postings: number;
  /** The last entry looked at, whole. */
  last: number | null;
  kept: string;
  floor: string | null;
  /** The most that a lease of the tenant was ever allowed beyond its amount. */
  slack: string;
}>;

/** In one statement, so that postings and balances are of the same moment. */
const audit = (
  accounts: RawBuilder<unknown>,
  through: number,
  postings: number | null,
): RawBuilder<AccountAudit> => sql<AccountAudit>`
  select a.id, a.floor_pico as floor, part.posted, part.postings, part.last,
    coalesce((select sum(balance_pico) from ledger_balances where account_id = a.id), 0) as kept,
    coalesce((select max(slack_pico) from leases
      where tenant_id = a.tenant_id and account_id = a.id), 0) as slack
  from (${accounts}) as a cross join lateral (
    select coalesce(sum(amount_pico), 0) as posted, count(*) as postings, max(entry_id) as last
    from (
      select entry_id, amount_pico from ledger_postings
      where account_id = a.id and entry_id > ${through}
      order by entry_id fetch first ${postings ?? Number.MAX_SAFE_INTEGER} rows with ties
    ) as page
  ) as part
  order by a.id`;

/** From their first posting; an account with no fewer `postings` than were asked for is not at its end. */
export async function auditAccounts(
  database: Database,
  page: Readonly<{ after: string; limit: number; postings: number }>,
): Promise<readonly AccountAudit[]> {
  const accounts = sql`select id, tenant_id, floor_pico from ledger_accounts
    where id > ${page.after} order by id limit ${page.limit}`;
  const { rows } = await audit(accounts, 0, page.postings).execute(database);
  return rows;
}

/** After an entry; null takes all that there are. */
export async function auditRestOfAccount(
  database: Database,
  at: Readonly<{ id: string; through: number; postings: number | null }>,
): Promise<AccountAudit | null> {
  const accounts = sql`select id, tenant_id, floor_pico from ledger_accounts where id = ${at.id}`;
  const { rows } = await audit(accounts, at.through, at.postings).execute(database);
  return rows[0] ?? null;
}
