/** Proves the ledger from its rows alone. Reads everything: run it on demand or slowly in the background. */
import { type Database, sql } from '#platform/database.ts';

export type Finding = Readonly<{
  /** Which law is broken. */
  law: string;
  /** The row at fault, so that a person can look at it. */
  subject: string;
  detail: string;
}>;

/** Findings listed at most per law; one fault often breaks thousands of rows and a hundred show its shape. */
const FINDINGS_MAX = 100;

/** Every law the ledger promises; an empty list means that all hold. */
export async function verifyLedger(database: Database): Promise<readonly Finding[]> {
  const findings = [
    await unbalancedEntries(database),
    await wrongBalances(database),
    await wrongCurrencies(database),
    await overdrawnAccounts(database),
    await wrongLeases(database),
  ];
  return findings.flat();
}

async function unbalancedEntries(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: number; currency: string; total: string }>`
    select entry_id as id, currency, sum(amount_pico) as total from ledger_postings
    group by entry_id, currency having sum(amount_pico) <> 0
    order by entry_id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'an entry sums to zero',
    subject: `entry ${row.id}`,
    detail: `off by ${row.total} pico in ${row.currency}`,
  }));
}

async function wrongBalances(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: string; posted: string; kept: string }>`
    select a.id, coalesce(p.total, 0) as posted, coalesce(b.total, 0) as kept
    from ledger_accounts a
      left join (select account_id, sum(amount_pico) as total from ledger_postings group by 1) p
        on p.account_id = a.id
      left join (select account_id, sum(balance_pico) as total from ledger_balances group by 1) b
        on b.account_id = a.id
    where coalesce(p.total, 0) <> coalesce(b.total, 0)
    order by a.id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'a balance is the sum of its postings',
    subject: `account ${row.id}`,
    detail: `postings say ${row.posted} pico, the balance says ${row.kept}`,
  }));
}

async function wrongCurrencies(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: number; account: string }>`
    select p.entry_id as id, a.id as account
    from ledger_postings p join ledger_accounts a on a.id = p.account_id
    where p.currency <> a.currency order by p.entry_id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'a posting has the currency of its account',
    subject: `entry ${row.id}`,
    detail: `posts another currency to ${row.account}`,
  }));
}

/**
 * A settled usage line is posted even when it goes under the floor, because it happened; that is an
 * overspend, bounded by the leases, and someone must know.
 */
async function overdrawnAccounts(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: string; balance: string; floor: string }>`
    select a.id, sum(b.balance_pico) as balance, a.floor_pico as floor
    from ledger_accounts a join ledger_balances b on b.account_id = a.id
    where a.floor_pico is not null
    group by a.id, a.floor_pico having sum(b.balance_pico) < a.floor_pico
    order by a.id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'no balance is under its floor',
    subject: `account ${row.id}`,
    detail: `${row.balance} pico is under ${row.floor}`,
  }));
}

async function wrongLeases(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: string; settled: string; amount: string }>`
    select l.id, l.settled_pico as settled, l.amount_pico as amount
    from leases l join ledger_accounts a on a.id = l.account_id
    where a.tenant_id is distinct from l.tenant_id or l.settled_pico > l.amount_pico
    order by l.id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'a lease belongs to its account and is not overspent',
    subject: `lease ${row.id}`,
    detail: `settled ${row.settled} of ${row.amount} pico`,
  }));
}
