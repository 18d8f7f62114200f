/** SQL that holds calls against entries and leases, a page at a time; across tenants, for the operator's checker. */
import { type Database, sql } from '#platform/database.ts';

export type UsageEntry = Readonly<{
  id: number;
  tenantId: string | null;
  /** Null where no call leads to it. */
  rated: string | null;
  /** Null where the entry is missing. */
  posted: string | null;
}>;

/**
 * Of a page of entries of usage, those that gave something else than their calls cost: to revenue and to
 * authors, out of whoever paid. The page reaches up to its last entry, or without end where it is the last,
 * so that calls whose entry is missing are seen.
 */
export async function auditUsageEntries(
  database: Database,
  page: Readonly<{ after: number; limit: number }>,
): Promise<Readonly<{ wrong: readonly UsageEntry[]; examined: number; last: number | null }>> {
  const { rows: found } = await sql<{ last: number | null; examined: number }>`
    select max(id) as last, count(*) as examined from (
      select id from ledger_entries where id > ${page.after} order by id limit ${page.limit}
    ) as page`.execute(database);
  const { last = null, examined = 0 } = found[0] ?? {};
  const within =
    examined < page.limit
      ? sql`entry_id > ${page.after}`
      : sql`entry_id > ${page.after} and entry_id <= ${last}`;
  const { rows } = await sql<UsageEntry>`
    with rated as (
      select entry_id, min(tenant_id) as tenant_id, sum(amount_pico) as rated from (
        select entry_id, tenant_id, amount_pico from usage_events where ${within}
        union all
        select entry_id, tenant_id, amount_pico from usage_archived_entries where ${within}
      ) each group by 1
    ), posted as (
      select entry_id, coalesce(sum(amount_pico) filter (where amount_pico > 0), 0) as posted
      from (select id as entry_id from ledger_entries where kind = 'usage') e
        left join ledger_postings p using (entry_id)
      where ${within} group by 1
    )
    select entry_id as id, tenant_id as "tenantId", rated, posted
    from rated full join posted using (entry_id)
    where rated is distinct from posted order by 1`.execute(database);
  return { wrong: rows, examined, last };
}

export type LeaseSum = Readonly<{ id: string; tenantId: string; settled: string; rated: string }>;

/** How long before a lease was made by one clock, and after it ended, its calls are settled by another. */
const SETTLED_WITHIN = sql`interval '1 hour'`;

const archived = sql`coalesce((select sum(a.amount_pico) from usage_archived_leases a
  where a.tenant_id = l.tenant_id and a.lease_id = l.id), 0)`;

/** A page of leases beside the calls of about their time. */
export async function auditUsageLeases(
  database: Database,
  page: Readonly<{ after: string; limit: number }>,
): Promise<readonly LeaseSum[]> {
  const { rows } = await sql<LeaseSum>`
    with page as materialized (
      select tenant_id, id, settled_pico, created_at, expires_at from leases
      where id > ${page.after} order by id limit ${page.limit}
    ), rated as (
      select tenant_id, lease_id, sum(amount_pico) as rated from usage_events
      where settled_at >= (select min(created_at) from page) - ${SETTLED_WITHIN}
        and settled_at < (select max(expires_at) from page) + ${SETTLED_WITHIN}
        and lease_id in (select id from page)
      group by 1, 2
    )
    select l.id, l.tenant_id as "tenantId", l.settled_pico as settled,
      coalesce(rated.rated, 0) + ${archived} as rated
    from page l left join rated on rated.tenant_id = l.tenant_id and rated.lease_id = l.id
    order by l.id`.execute(database);
  return rows;
}

/** All calls of a lease, whenever they were settled, and the lease itself at the same moment. */
export async function sumOfLease(
  database: Database,
  { tenantId, id }: Pick<LeaseSum, 'tenantId' | 'id'>,
): Promise<Readonly<{ settled: string; rated: string }>> {
  const { rows } = await sql<{ settled: string; rated: string }>`
    select l.settled_pico as settled,
      coalesce((select sum(e.amount_pico) from usage_events e
        where e.tenant_id = l.tenant_id and e.lease_id = l.id), 0) + ${archived} as rated
    from leases l where l.tenant_id = ${tenantId} and l.id = ${id}`.execute(database);
  return rows[0] ?? { settled: '0', rated: '0' };
}
