/** SQL of the law on authors: tenants a page at a time, for the operator's checker. */
import { type Database, sql } from '#platform/database.ts';
import type { AuthorDifference } from './store.ts';

/** Of a page of tenants, the accounts that say something else than earnings and payouts do. */
export async function auditAuthors(
  database: Database,
  page: Readonly<{ after: string; limit: number }>,
): Promise<
  Readonly<{ examined: number; last: string | null; wrong: readonly AuthorDifference[] }>
> {
  const { rows: tenants } = await sql<{ id: string }>`
    select id from tenants where id > ${page.after} order by id limit ${page.limit}`.execute(
    database,
  );
  const ids = tenants.map(({ id }) => id);
  const { rows: wrong } = await sql<AuthorDifference>`
    with moved as (
      select tenant_id, currency, share_pico - reversed_pico as pico from author_earnings
      where tenant_id = any(${ids}::text[])
      union all
      select tenant_id, currency, -amount_pico from author_payouts
      where tenant_id = any(${ids}::text[]) and reversed_at is null
    ), expected as (select tenant_id, currency, sum(pico) as pico from moved group by 1, 2),
    actual as (
      select a.tenant_id, a.currency, sum(b.balance_pico) as pico
      from ledger_accounts a join ledger_balances b on b.account_id = a.id
      where a.kind = 'author' and a.tenant_id = any(${ids}::text[]) group by 1, 2
    )
    select 'tenant/' || tenant_id || '/author/' || currency as "accountId",
      coalesce(actual.pico, 0) as balance, coalesce(expected.pico, 0) as expected
    from expected full join actual using (tenant_id, currency)
    where coalesce(actual.pico, 0) <> coalesce(expected.pico, 0) order by 1`.execute(database);
  return { examined: ids.length, last: ids.at(-1) ?? null, wrong };
}
