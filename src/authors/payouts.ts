/**
 * Payouts: the operator has sent money to an author and records it, never more than is owed. One that
 * came back is reversed by an entry of its own; nothing is ever edited.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { type NewEntry, authorAccount, platformAccount } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { formatAmount } from '#ledger/money.ts';
import type { Payout } from './api.ts';
import { fail } from './errors.ts';
import {
  type PayoutRow,
  insertPayout,
  lockAuthor,
  selectPayable,
  selectPayout,
  selectPayoutByKey,
  selectPayouts,
  updateReversed,
} from './payout-store.ts';

export type NewPayout = Readonly<{
  tenantId: string;
  currency: string;
  amountPico: bigint;
  reference: string;
  note: string;
  idempotencyKey: string;
  createdBy: string | null;
}>;

export type Payouts = Readonly<{
  /** Raises `payout.amount_invalid`, `payout.more_than_payable`, `payout.key_reused`. */
  record: (payout: NewPayout) => Promise<Payout>;
  /** The money came back. Raises `payout.unknown`, `payout.reversed`. */
  reverse: (
    reversal: Readonly<{ id: string; note: string; reversedBy: string | null }>,
  ) => Promise<Payout>;
  /** Newest first; null lists every author's. */
  list: (
    query: Readonly<{ tenantId: string | null; beforeId: string | null; limit: number }>,
  ) => Promise<readonly Payout[]>;
}>;

export type PayoutParts = Readonly<{
  database: Database;
  ledger: Pick<Ledger, 'post'>;
  clock: Clock;
  log: Log;
}>;

export function createPayouts(parts: PayoutParts): Payouts {
  const { database, log } = parts;
  return {
    record: async (payout) => {
      const row = await transaction(database, (tx) => record(tx, parts, payout));
      log.info('payout.recorded', { payoutId: row.id, tenantId: row.tenantId });
      return toPayout(row);
    },
    reverse: async (reversal) => {
      const row = await transaction(database, (tx) => reverse(tx, parts, reversal));
      log.info('payout.reversed', { payoutId: row.id, tenantId: row.tenantId });
      return toPayout(row);
    },
    list: async (query) => (await selectPayouts(database, query)).map(toPayout),
  };
}

async function record(tx: Database, parts: PayoutParts, payout: NewPayout): Promise<PayoutRow> {
  const { tenantId, currency, amountPico, reference, idempotencyKey } = payout;
  if (amountPico <= 0n) {
    throw fail('payout.amount_invalid', 'A payout is an amount above zero.', { param: 'amount' });
  }
  const account = authorAccount(tenantId, currency);
  await lockAuthor(tx, account.id);
  const before = await selectPayoutByKey(tx, { tenantId, idempotencyKey });
  if (before !== null) return sameAs(before, payout);
  const payablePico = await selectPayable(tx, account.id);
  if (amountPico > payablePico) {
    throw fail(
      'payout.more_than_payable',
      `At most ${formatAmount(payablePico < 0n ? 0n : payablePico)} ${currency} is owed to this author.`,
      { param: 'amount' },
    );
  }
  const nowMs = parts.clock.nowMs();
  const id = createId('pyo', nowMs);
  const { entryId } = await parts.ledger.post(tx, payoutEntry({ payout, id, nowMs }));
  const createdAt = new Date(nowMs);
  const row = { ...payout, id, entryId, createdAt };
  await insertPayout(tx, row);
  return {
    ...row,
    reference,
    amountPico: String(amountPico),
    reversedAt: null,
    reversalNote: null,
    reversalEntryId: null,
  };
}

function sameAs(row: PayoutRow, { currency, amountPico, reference }: NewPayout): PayoutRow {
  const isSame =
    row.currency === currency &&
    BigInt(row.amountPico) === amountPico &&
    row.reference === reference;
  if (isSame) return row;
  throw fail('payout.key_reused', 'This key has recorded another payout already.', {
    param: 'idempotencyKey',
  });
}

async function reverse(
  tx: Database,
  parts: PayoutParts,
  reversal: Readonly<{ id: string; note: string; reversedBy: string | null }>,
): Promise<PayoutRow> {
  const { id, note, reversedBy } = reversal;
  const found = await selectPayout(tx, id);
  if (found === null) throw fail('payout.unknown', 'There is no such payout.', { param: 'id' });
  const { tenantId, currency } = found;
  const account = authorAccount(tenantId, currency);
  await lockAuthor(tx, account.id);
  const locked = await selectPayout(tx, id);
  if (locked?.reversedAt !== null) {
    throw fail('payout.reversed', 'This payout has been reversed already.', { param: 'id' });
  }
  const amountPico = BigInt(found.amountPico);
  const at = new Date(parts.clock.nowMs());
  const { entryId } = await parts.ledger.post(tx, {
    key: `payout/${id}/reversal`,
    kind: 'payout',
    reference: { payoutId: id },
    effectiveAtMs: at.getTime(),
    postings: [
      { account, amountPico },
      { account: platformAccount('cash', currency), amountPico: -amountPico },
    ],
  });
  await updateReversed(tx, { tenantId, id, at, by: reversedBy, note, entryId });
  return { ...found, reversedAt: at, reversalNote: note, reversalEntryId: entryId };
}

function payoutEntry(
  request: Readonly<{ payout: NewPayout; id: string; nowMs: number }>,
): NewEntry {
  const { payout, id, nowMs } = request;
  const { tenantId, currency, amountPico, reference } = payout;
  return {
    key: `payout/${id}`,
    kind: 'payout',
    reference: { payoutId: id, transfer: reference },
    effectiveAtMs: nowMs,
    postings: [
      { account: authorAccount(tenantId, currency), amountPico: -amountPico },
      { account: platformAccount('cash', currency), amountPico },
    ],
  };
}

export function toPayout(row: PayoutRow): Payout {
  const { amountPico, createdAt, reversedAt } = row;
  return {
    id: row.id,
    tenantId: row.tenantId,
    currency: row.currency,
    amount: formatAmount(BigInt(amountPico)),
    reference: row.reference,
    note: row.note,
    entryId: row.entryId,
    createdAt: createdAt.toISOString(),
    reversedAt: reversedAt?.toISOString() ?? null,
    reversalNote: row.reversalNote,
    reversalEntryId: row.reversalEntryId,
  };
}
