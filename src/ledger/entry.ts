/**
 * An entry: a balanced set of postings under one idempotency key. Pure. Account ids are readable, so
 * that a row in the database explains itself: `tenant/ten_x/credit/CNY`, `platform/revenue/CNY`.
 */
import { createHash } from 'node:crypto';
import { fail } from './errors.ts';
import { assertAmountFits, assertCurrency } from './money.ts';

/**
 * `credit`: what a tenant may still spend. `author`: what is owed to it for calls of its models. The
 * other kinds are the platform's side, but for the grants and savings plans of tenants.
 */
export type AccountKind =
  | 'credit'
  | 'author'
  | 'savings_plan'
  /** What free quotas, grants and discounts cost us. */
  | 'promo'
  /** What plans' allowances paid, at list price. */
  | 'allowance'
  /** What was left of grants and savings plans when they ended. */
  | 'breakage'
  /** Paid for plans and not yet earned, and what was. */
  | 'deferred'
  | 'subscription'
  | 'revenue'
  | 'grant'
  | 'cash'
  | 'rounding'
  | 'tax'
  | 'receivable'
  | 'bad_debt';

export type Account = Readonly<{
  id: string;
  /** Null for the platform's own accounts. */
  tenantId: string | null;
  kind: AccountKind;
  currency: string;
}>;

export type Posting = Readonly<{ account: Account; amountPico: bigint }>;

export type NewEntry = Readonly<{
  /** Posting the same key again changes nothing; with another payload it is refused. */
  key: string;
  kind:
    | 'usage'
    | 'credit'
    | 'payout'
    | 'payment'
    | 'invoice'
    | 'credit_note'
    | 'receivable'
    | 'write_off'
    | 'grant'
    | 'savings_plan'
    | 'subscription';
  /** Whatever leads a reader back to the cause; small. */
  reference: Readonly<Record<string, string | number>>;
  effectiveAtMs: number;
  postings: readonly Posting[];
}>;

export function tenantCredit(tenantId: string, currency: string): Account {
  return { id: `tenant/${tenantId}/credit/${currency}`, tenantId, kind: 'credit', currency };
}

export function authorAccount(tenantId: string, currency: string): Account {
  return { id: `tenant/${tenantId}/author/${currency}`, tenantId, kind: 'author', currency };
}

export function platformAccount(
  kind: Exclude<AccountKind, 'credit' | 'author'>,
  currency: string,
): Account {
  return { id: `platform/${kind}/${currency}`, tenantId: null, kind, currency };
}

/** The last moment that a clock or a database can name. */
const TIME_MS_MAX = 8_640_000_000_000_000;

/**
 * Raises `ledger.unbalanced`, `ledger.amount_too_large`, `ledger.currency_unknown` or `ledger.time_invalid`:
 * a bug in the caller, found before SQL.
 */
export function checkEntry(entry: NewEntry): void {
  const { effectiveAtMs } = entry;
  if (!(effectiveAtMs >= 0 && effectiveAtMs <= TIME_MS_MAX)) {
    throw fail('ledger.time_invalid', `Entry ${entry.key} has no moment at which it takes effect.`);
  }
  const totals = new Map<string, bigint>();
  for (const { account, amountPico } of entry.postings) {
    assertAmountFits(amountPico);
    assertCurrency(account.currency);
    totals.set(account.currency, (totals.get(account.currency) ?? 0n) + amountPico);
  }
  for (const [currency, total] of totals) {
    if (total !== 0n) {
      throw fail('ledger.unbalanced', `Entry ${entry.key} is off by ${total} pico in ${currency}.`);
    }
  }
}

/**
 * What "the same payload" means: kind, reference and the postings in their order. The effective time
 * is left out, because a retry of the same command happens later.
 */
export function payloadHash(entry: NewEntry): Buffer {
  const reference = Object.entries(entry.reference).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const postings = entry.postings.map((posting) => [
    posting.account.id,
    posting.account.currency,
    posting.amountPico.toString(),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([entry.kind, reference, postings]))
    .digest();
}

/**
 * Balance rows a platform account is spread over. Sixteen writers that never meet are more than one
 * PostgreSQL commits at a time; a fold over sixteen rows costs nothing.
 */
export const PLATFORM_SHARDS = 16;

/**
 * A tenant's account has one row, which leases lock. A platform's is spread, and so is an author's: all
 * calls of a popular model post to it, and nothing is leased on it. All entries of one posting go to the
 * same row, because a writer that touched all sixteen would wait for every other.
 */
export function isSpread(account: Account): boolean {
  return account.tenantId === null || account.kind === 'author';
}

/** How much each balance row changes, in lock order: by account id, then shard. */
export type BalanceChange = Readonly<{ account: Account; shard: number; amountPico: bigint }>;

/** `shard` is the row that this posting uses of accounts that are spread. */
export function balanceChanges(
  entries: readonly NewEntry[],
  shard: number,
): readonly BalanceChange[] {
  const changes = new Map<string, BalanceChange>();
  for (const { postings } of entries) {
    for (const { account, amountPico } of postings) {
      const before = changes.get(account.id)?.amountPico ?? 0n;
      const own = isSpread(account) ? shard : 0;
      changes.set(account.id, { account, shard: own, amountPico: before + amountPico });
    }
  }
  return [...changes.values()].toSorted((a, b) => compare(a.account.id, b.account.id));
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
