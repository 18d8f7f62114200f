/** SQL of the laws on credits: pages across tenants, for the operator's checker. */
import { type Database, sql } from '#platform/database.ts';

type Page = Readonly<{ after: string; limit: number }>;

export type GrantAudit = Readonly<{
  id: string;
  tenantId: string;
  /** Null where there is an account and no grant. */
  remaining: string | null;
  balance: string;
}>;

/** Grants and accounts of grants, by the grant's id, each beside the other. */
export async function auditGrants(database: Database, page: Page): Promise<readonly GrantAudit[]> {
  const { rows } = await sql<GrantAudit>`
    with given as (
      select id, tenant_id, remaining_pico,
        'tenant/' || tenant_id || case origin when 'savings_plan' then '/savings_plan/' else '/grant/' end
          || id || '/' || currency as account_id
      from grants where id > ${page.after} order by id limit ${page.limit}
    ), accounts as (
      select split_part(id, '/', 4) as id, tenant_id, id as account_id from ledger_accounts
      where kind in ('grant', 'savings_plan') and split_part(id, '/', 4) > ${page.after}
      order by 1 limit ${page.limit}
    )
    select id, tenant_id as "tenantId", given.remaining_pico as remaining,
      coalesce((select sum(balance_pico) from ledger_balances b where b.account_id = each.account_id), 0)
        as balance
    from (select * from given full join accounts using (id, tenant_id, account_id)) as each
      left join given using (id, tenant_id, account_id)
    order by id limit ${page.limit}`.execute(database);
  return rows;
}

/** Currencies in which the sum over subscriptions is not what the platform's account says. */
export async function auditDeferred(
  database: Database,
): Promise<readonly Readonly<{ currency: string; deferred: string; balance: string }>[]> {
  const { rows } = await sql<{ currency: string; deferred: string; balance: string }>`
    with deferred as (
      select p.currency, sum(s.deferred_pico) as pico
      from subscriptions s join plans p on p.id = s.plan_id group by 1
    ), kept as (
      select a.currency, sum(b.balance_pico) as pico
      from ledger_accounts a join ledger_balances b on b.account_id = a.id
      where a.tenant_id is null and a.kind = 'deferred' group by 1
    )
    select currency, coalesce(deferred.pico, 0) as deferred, coalesce(kept.pico, 0) as balance
    from deferred full join kept using (currency)
    where coalesce(deferred.pico, 0) <> coalesce(kept.pico, 0) order by 1`.execute(database);
  return rows;
}

export type SubscriptionAudit = Readonly<{
  id: string;
  tenantId: string;
  deferred: string;
  /** What its entries, which are numbered, left on the platform's account. */
  posted: string;
}>;

export async function auditSubscriptions(
  database: Database,
  page: Page,
): Promise<readonly SubscriptionAudit[]> {
  const { rows } = await sql<SubscriptionAudit>`
    select s.id, s.tenant_id as "tenantId", s.deferred_pico as deferred,
      coalesce((
        select sum(p.amount_pico) from generate_series(1, s.postings) as number
          join ledger_entries e
            on e.key = 'subscription/' || s.tenant_id || '/' || s.id || '/' || number
          join ledger_postings p on p.entry_id = e.id
          join ledger_accounts a on a.id = p.account_id
        where a.tenant_id is null and a.kind = 'deferred'), 0) as posted
    from subscriptions s where s.id > ${page.after} order by s.id limit ${page.limit}`.execute(
    database,
  );
  return rows;
}
