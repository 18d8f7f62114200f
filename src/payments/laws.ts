/** The law on payments: what came is on the balance, once. */
import { type Database, sql } from '#platform/database.ts';
import { type Law, pageOf } from '#ledger/law.ts';

const LAW = 'a payment is posted once, with what came of it';

const payments: Law = {
  name: 'payments',
  says: 'Every payment is on the balance of who paid, once, with what came of it.',
  limit: 500,
  page: async (database, { after, limit }) => {
    const rows = await auditPayments(database, { after: after ?? '', limit });
    const findings = rows
      .filter(({ kept, posted, entries, postings }) => kept !== posted || entries !== postings)
      .map(({ id, tenantId, kept, posted, entries, postings }) => ({
        law: LAW,
        subject: `payment ${id} of ${tenantId}`,
        detail: `it says ${kept} pico in ${postings} entries, the ledger ${posted} in ${entries}`,
      }));
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

export const PAYMENT_LAWS: readonly Law[] = [payments];

type PaymentAudit = Readonly<{
  id: string;
  tenantId: string;
  kept: string;
  postings: number;
  /** On the payer's balance, by the entries that carry its number. */
  posted: string;
  entries: number;
}>;

/** Entries of a payment are numbered; one more than it knows of is looked for too. */
async function auditPayments(
  database: Database,
  page: Readonly<{ after: string; limit: number }>,
): Promise<readonly PaymentAudit[]> {
  const { rows } = await sql<PaymentAudit>`
    select s.id, s.tenant_id as "tenantId", s.posted_pico as kept, s.postings,
      coalesce(found.posted, 0) as posted, found.entries
    from payments s cross join lateral (
      select sum(p.amount_pico) as posted, count(distinct e.id) as entries
      from generate_series(1, s.postings + 1) as number
        join ledger_entries e on e.key = 'payment/' || s.id || '/' || number
        left join ledger_postings p on p.entry_id = e.id
          and p.account_id = 'tenant/' || s.tenant_id || '/credit/' || s.currency
    ) as found
    where s.id > ${page.after} order by s.id limit ${page.limit}`.execute(database);
  return rows;
}
