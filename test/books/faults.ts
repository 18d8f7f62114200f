/** One fault for everything that can go wrong in the books, written into the rows behind every guard. */
import { type Database, sql, transaction } from '#platform/database.ts';
import type { RawBuilder } from 'kysely';

export type Fault = Readonly<{
  /** The law that finds it, by its name. */
  law: string;
  /** What is broken, in the words of the finding. */
  says: string;
  /** The table that is written to. */
  table: string;
  change: RawBuilder<unknown>;
  /** What the finding's subject must name; a query with one column `subject`. */
  subject: RawBuilder<Readonly<{ subject: string }>>;
}>;

const anEvent = sql`(select request_id from usage_events where amount_pico > 0 order by request_id limit 1)`;
const aLease = sql`(select id from leases order by id limit 1)`;
const anEntry = sql`(select id from ledger_entries where kind = 'usage' order by id limit 1)`;
const lastEntry = sql`(select max(id) from ledger_entries where kind = 'usage')`;
const subject = (query: RawBuilder<unknown>) => sql<{ subject: string }>`${query}`;

export const FAULTS: readonly Fault[] = [
  {
    law: 'calls',
    says: 'an event costs what its usage and its price say',
    table: 'usage_events',
    change: sql`update usage_events set amount_pico = amount_pico + 1 where request_id = ${anEvent}`,
    subject: subject(sql`select ${anEvent} as subject`),
  },
  {
    law: 'calls',
    says: 'what paid for a call is what it cost',
    table: 'usage_sources',
    change: sql`update usage_sources set amount_pico = amount_pico + 1 where position = 0`,
    subject: subject(sql`select min(request_id) as subject from usage_sources where position = 0`),
  },
  {
    law: 'calls',
    says: 'the lease of a call exists',
    table: 'usage_events',
    change: sql`update usage_events set lease_id = 'lse_nowhere' where request_id = ${anEvent}`,
    subject: subject(sql`select ${anEvent} as subject`),
  },
  {
    law: 'postings',
    says: 'what was rated is what was posted',
    table: 'ledger_entries',
    change: sql`delete from ledger_entries where id = ${lastEntry}`,
    subject: subject(sql`select 'entry ' || ${lastEntry} as subject`),
  },
  {
    law: 'postings',
    says: 'a usage entry has events',
    table: 'usage_events',
    change: sql`delete from usage_events where entry_id = ${anEntry}`,
    subject: subject(sql`select 'entry ' || ${anEntry} as subject`),
  },
  {
    law: 'holds',
    says: 'a lease settled what its events cost',
    table: 'leases',
    change: sql`update leases set settled_pico = settled_pico + 2 where id = ${aLease}`,
    subject: subject(sql`select ${aLease} as subject`),
  },
  {
    law: 'sums',
    says: 'the sums of an hour are those of its calls',
    table: 'usage_hourly',
    change: sql`update usage_hourly set output_tokens = output_tokens + 1`,
    subject: subject(sql`select min(tenant_id) as subject from usage_hourly`),
  },
  {
    law: 'sums',
    says: 'the lines of a bill sum to its calls',
    table: 'usage_line_sums',
    change: sql`delete from usage_line_sums`,
    subject: subject(sql`select min(tenant_id) as subject from usage_hourly`),
  },
  {
    law: 'sums',
    says: 'the sources of a bill sum to its calls',
    table: 'usage_source_sums',
    change: sql`update usage_source_sums set amount_pico = amount_pico + 1`,
    subject: subject(sql`select min(tenant_id) as subject from usage_hourly`),
  },
  {
    law: 'days',
    says: 'the sums of a day are those of its hours',
    table: 'usage_daily',
    change: sql`update usage_daily set calls = calls + 1`,
    subject: subject(sql`select min(tenant_id) as subject from usage_daily`),
  },
  {
    law: 'journals',
    says: 'the records of a journal have no gap',
    table: 'usage_journals',
    change: sql`update usage_journals set taken = taken - int8multirange(int8range(2, 4))`,
    subject: subject(sql`select gateway_id || '/' || run as subject from usage_journals`),
  },
  {
    law: 'shipments',
    says: 'the calls of an hour are those that were shipped',
    table: 'usage_taken',
    change: sql`update usage_taken set calls = calls + 1`,
    subject: subject(sql`select min(gateway_id) as subject from usage_taken`),
  },
  {
    law: 'entries',
    says: 'an entry sums to zero',
    table: 'ledger_postings',
    change: sql`update ledger_postings set amount_pico = amount_pico + 1
      where entry_id = ${anEntry} and position = 0`,
    subject: subject(sql`select 'entry ' || ${anEntry} as subject`),
  },
  {
    law: 'entries',
    says: 'a posting has the currency of its account',
    table: 'ledger_postings',
    change: sql`update ledger_postings set currency = 'USD' where entry_id = ${anEntry}`,
    subject: subject(sql`select 'entry ' || ${anEntry} as subject`),
  },
  {
    law: 'balances',
    says: 'a balance is the sum of its postings',
    table: 'ledger_balances',
    change: sql`update ledger_balances set balance_pico = balance_pico + 1
      where account_id = 'platform/cash/CNY'`,
    subject: subject(sql`select 'account platform/cash/CNY' as subject`),
  },
  {
    law: 'balances',
    says: 'no balance is under its floor',
    table: 'ledger_accounts',
    change: sql`update ledger_accounts set floor_pico = 10::numeric ^ 20 where kind = 'credit'`,
    subject: subject(
      sql`select 'account ' || min(id) as subject from ledger_accounts where kind = 'credit'`,
    ),
  },
  {
    law: 'leases',
    says: 'a lease belongs to its account and is not overspent',
    table: 'leases',
    change: sql`update leases set amount_pico = 1 where id = ${aLease}`,
    subject: subject(sql`select ${aLease} as subject`),
  },
  {
    law: 'leases',
    says: 'a lease sets aside what is left of it, and nothing once it ended',
    table: 'lease_parts',
    change: sql`update lease_parts set held_pico = 1`,
    subject: subject(sql`select ${aLease} as subject`),
  },
  {
    law: 'leases',
    says: 'every lease ends',
    table: 'leases',
    change: sql`update leases set state = 'open', closed_at = null where id = ${aLease}`,
    subject: subject(sql`select ${aLease} as subject`),
  },
  {
    law: 'checkpoints',
    says: 'a day of the ledger is as it was sealed',
    table: 'ledger_postings',
    change: sql`update ledger_postings set amount_pico = -amount_pico where entry_id = ${anEntry}`,
    subject: subject(sql`select 'entry ' || ${anEntry} as subject`),
  },
  {
    law: 'checkpoints',
    says: 'a day of the ledger stands on the day before',
    table: 'ledger_checkpoints',
    change: sql`delete from ledger_checkpoints where day = (select min(day) + 1 from ledger_checkpoints)`,
    subject: subject(
      sql`select 'checkpoint ' || (min(day) + 2)::text as subject from ledger_checkpoints`,
    ),
  },
  {
    law: 'grants',
    says: 'what is left of a grant is the balance of its account',
    table: 'grants',
    change: sql`update grants set remaining_pico = remaining_pico + 1`,
    subject: subject(sql`select 'grant ' || min(id) as subject from grants`),
  },
  {
    law: 'grants',
    says: 'what is left of a grant is the balance of its account',
    table: 'ledger_balances',
    change: sql`update ledger_balances set balance_pico = balance_pico + 1 where account_id like '%/grant/%'`,
    subject: subject(sql`select 'grant ' || min(id) as subject from grants`),
  },
  {
    law: 'subscriptions',
    says: 'what is deferred of a subscription is what its entries left',
    table: 'subscriptions',
    change: sql`update subscriptions set deferred_pico = deferred_pico + 1`,
    subject: subject(sql`select 'subscription ' || min(id) as subject from subscriptions`),
  },
  {
    law: 'subscriptions',
    says: 'what is deferred is the sum over all subscriptions',
    table: 'ledger_balances',
    change: sql`update ledger_balances set balance_pico = balance_pico + 1
      where account_id = 'platform/deferred/CNY'`,
    subject: subject(sql`select 'account platform/deferred/CNY' as subject`),
  },
  {
    law: 'payments',
    says: 'a payment is posted once, with what came of it',
    table: 'ledger_entries',
    change: sql`delete from ledger_entries where kind = 'payment'`,
    subject: subject(sql`select 'payment ' || min(id) as subject from payments`),
  },
  {
    law: 'payments',
    says: 'a payment is posted once, with what came of it',
    table: 'payments',
    change: sql`update payments set posted_pico = posted_pico * 2`,
    subject: subject(sql`select 'payment ' || min(id) as subject from payments`),
  },
  {
    law: 'authors',
    says: 'what is owed to an author is what was earned and not paid out',
    table: 'author_earnings',
    change: sql`update author_earnings set share_pico = share_pico + 1`,
    subject: subject(
      sql`select 'account tenant/' || min(tenant_id) || '/author/CNY' as subject from author_earnings`,
    ),
  },
  {
    law: 'invoices',
    says: 'what is invoiced is what was rated',
    table: 'usage_line_sums',
    change: sql`update usage_line_sums set amount_pico = amount_pico + 1`,
    subject: subject(sql`select 'invoice ' || min(number) as subject from invoices`),
  },
  {
    law: 'invoices',
    says: 'a paper is as it was issued',
    table: 'invoices',
    change: sql`update invoices set document = replace(document, 'CNY', 'CNX')`,
    subject: subject(sql`select 'invoice ' || min(number) as subject from invoices`),
  },
  {
    law: 'invoices',
    says: 'numbers have no gap',
    table: 'invoice_series',
    change: sql`update invoice_series set position = position + 1`,
    subject: subject(sql`select 'series ' || min(series) as subject from invoice_series`),
  },
  {
    law: 'invoices',
    says: 'a period that ended is closed',
    table: 'billing_periods',
    change: sql`update billing_periods set problem = 'the sums differ' where state = 'closed'`,
    subject: subject(sql`select 'period ' as subject`),
  },
];

/** Faults that may be there at the same time: each writes to another table. */
export function batchesOf(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const batches: Fault[][] = [];
  for (const fault of faults) {
    const free = batches.find((batch) => batch.every(({ table }) => table !== fault.table));
    if (free === undefined) batches.push([fault]);
    else free.push(fault);
  }
  return batches;
}

const backupOf = (table: string) => sql.table(`${table}_before`);

/** As whoever owns the database could: no trigger, no foreign key. What was there is kept aside. */
export async function inject(database: Database, faults: readonly Fault[]): Promise<void> {
  await transaction(database, async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    for (const { table, change } of faults) {
      await sql`create table ${backupOf(table)} as select * from ${sql.table(table)}`.execute(tx);
      await change.execute(tx);
    }
  });
}

export async function mend(database: Database, faults: readonly Fault[]): Promise<void> {
  await transaction(database, async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    for (const { table } of faults) {
      await sql`delete from ${sql.table(table)}`.execute(tx);
      await sql`insert into ${sql.table(table)} overriding system value
        select * from ${backupOf(table)}`.execute(tx);
      await sql`drop table ${backupOf(table)}`.execute(tx);
    }
  });
}
