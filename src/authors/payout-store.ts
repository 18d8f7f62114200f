/** SQL of payouts. */
import { type Database, sql } from '#platform/database.ts';

export type PayoutRow = Readonly<{
  tenantId: string;
  id: string;
  idempotencyKey: string;
  currency: string;
  amountPico: string;
  reference: string;
  note: string;
  entryId: number;
  createdAt: Date;
  reversedAt: Date | null;
  reversalNote: string | null;
  reversalEntryId: number | null;
}>;

const columns = sql`tenant_id as "tenantId", id, idempotency_key as "idempotencyKey", currency,
  amount_pico as "amountPico", reference, note, entry_id as "entryId", created_at as "createdAt",
  reversed_at as "reversedAt", reversal_note as "reversalNote",
  reversal_entry_id as "reversalEntryId"`;

/**
 * Payouts of one author happen one at a time. Rows of balances would not do for a lock: a payout may
 * make the row of a new shard, which who waits for the others does not see.
 */
export async function lockAuthor(tx: Database, accountId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${accountId}, 0))`.execute(tx);
}

/** In a statement of its own after the lock, so that it sees what the last holder committed. */
export async function selectPayable(database: Database, accountId: string): Promise<bigint> {
  const { rows } = await sql<{ payable: string }>`
    select coalesce(sum(balance_pico), 0) as payable from ledger_balances
    where account_id = ${accountId}`.execute(database);
  return BigInt(rows[0]?.payable ?? '0');
}

export async function insertPayout(
  tx: Database,
  payout: Omit<PayoutRow, 'amountPico' | 'reversedAt' | 'reversalNote' | 'reversalEntryId'> &
    Readonly<{ amountPico: bigint; createdBy: string | null }>,
): Promise<void> {
  await sql`insert into author_payouts (tenant_id, id, idempotency_key, currency, amount_pico,
      reference, note, entry_id, created_by, created_at)
    values (${payout.tenantId}, ${payout.id}, ${payout.idempotencyKey}, ${payout.currency},
      ${payout.amountPico.toString()}, ${payout.reference}, ${payout.note}, ${payout.entryId},
      ${payout.createdBy}, ${payout.createdAt})`.execute(tx);
}

export async function updateReversed(
  tx: Database,
  reversal: Readonly<{
    tenantId: string;
    id: string;
    at: Date;
    by: string | null;
    note: string;
    entryId: number;
  }>,
): Promise<void> {
  await sql`update author_payouts
    set reversed_at = ${reversal.at}, reversed_by = ${reversal.by},
      reversal_note = ${reversal.note}, reversal_entry_id = ${reversal.entryId}
    where tenant_id = ${reversal.tenantId} and id = ${reversal.id}`.execute(tx);
}

export async function selectPayoutByKey(
  database: Database,
  query: Readonly<{ tenantId: string; idempotencyKey: string }>,
): Promise<PayoutRow | null> {
  const { rows } = await sql<PayoutRow>`select ${columns} from author_payouts
    where tenant_id = ${query.tenantId}
      and idempotency_key = ${query.idempotencyKey}`.execute(database);
  return rows[0] ?? null;
}

/** Whoever it belongs to: ids are the operator's to name. */
export async function selectPayout(database: Database, id: string): Promise<PayoutRow | null> {
  const { rows } = await sql<PayoutRow>`
    select ${columns} from author_payouts where id = ${id}`.execute(database);
  return rows[0] ?? null;
}

/** Newest first; null lists every author's. */
export async function selectPayouts(
  database: Database,
  query: Readonly<{ tenantId: string | null; beforeId: string | null; limit: number }>,
): Promise<readonly PayoutRow[]> {
  const { rows } = await sql<PayoutRow>`select ${columns} from author_payouts
    where (${query.tenantId}::text is null or tenant_id = ${query.tenantId}::text)
      and (${query.beforeId}::text is null or id < ${query.beforeId}::text)
    order by id desc limit ${query.limit}`.execute(database);
  return rows;
}

/** Those that were recorded or reversed between two instants, oldest first. */
export async function selectPayoutsBetween(
  database: Database,
  query: Readonly<{ tenantId: string; currency: string; from: Date; to: Date; limit: number }>,
): Promise<readonly PayoutRow[]> {
  const { from, to } = query;
  const { rows } = await sql<PayoutRow>`select ${columns} from author_payouts
    where tenant_id = ${query.tenantId} and currency = ${query.currency}
      and ((created_at >= ${from} and created_at < ${to})
        or (reversed_at >= ${from} and reversed_at < ${to}))
    order by id limit ${query.limit}`.execute(database);
  return rows;
}

/** What had left by an instant: paid, less what had come back by then. */
export async function selectPaidBefore(
  database: Database,
  query: Readonly<{ tenantId: string; currency: string; at: Date }>,
): Promise<bigint> {
  const { rows } = await sql<{ paid: string }>`
    select coalesce(sum(amount_pico) filter (where created_at < ${query.at}), 0)
      - coalesce(sum(amount_pico) filter (where reversed_at < ${query.at}), 0) as paid
    from author_payouts
    where tenant_id = ${query.tenantId} and currency = ${query.currency}`.execute(database);
  return BigInt(rows[0]?.paid ?? '0');
}
