/** An author's month: what was owed before, what accrued by model, what was paid out, what is owed after. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { formatAmount, sum } from '#ledger/money.ts';
import type { AuthorStatement } from './api.ts';
import { fail } from './errors.ts';
import { selectPaidBefore, selectPayoutsBetween } from './payout-store.ts';
import { toPayout } from './payouts.ts';
import {
  selectEarnedBefore,
  selectEarningDays,
  selectEarnings,
  selectTenantName,
} from './store.ts';

/** Models and payouts in one statement: beyond this it is no longer a page that somebody reads. */
const LINES_MAX = 2_000;

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

export type StatementQuery = Readonly<{ tenantId: string; currency: string; month: string }>;

export type ModelNames = (modelIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Raises `author.month_invalid`, `author.unknown`. */
export async function readStatement(
  parts: Readonly<{ database: Database; clock: Clock; namesOf: ModelNames }>,
  query: StatementQuery,
): Promise<AuthorStatement> {
  const { database, clock } = parts;
  const { from, to } = daysOf(query.month);
  const tenantName = await selectTenantName(database, query.tenantId);
  if (tenantName === null) {
    throw fail('author.unknown', 'There is no such tenant.', { param: 'tenantId' });
  }
  const lines = await selectEarnings(database, { ...query, from, to, limit: LINES_MAX });
  const days = await selectEarningDays(database, { ...query, from, to });
  const earnedBefore = await selectEarnedBefore(database, { ...query, day: from });
  const [start, end] = [new Date(from), new Date(to)];
  const paidBefore = await selectPaidBefore(database, { ...query, at: start });
  const paid = (await selectPaidBefore(database, { ...query, at: end })) - paidBefore;
  const range = { ...query, from: start, to: end, limit: LINES_MAX };
  const payouts = await selectPayoutsBetween(database, range);
  const names = await parts.namesOf(lines.map(({ modelId }) => modelId));
  const share = sum(lines.map(({ sharePico }) => BigInt(sharePico)));
  const reversed = sum(lines.map(({ reversedPico }) => BigInt(reversedPico)));
  const opening = earnedBefore - paidBefore;
  return {
    tenantId: query.tenantId,
    tenantName,
    currency: query.currency,
    month: query.month,
    isOver: clock.nowMs() >= end.getTime(),
    opening: formatAmount(opening),
    share: formatAmount(share),
    reversed: formatAmount(reversed),
    paid: formatAmount(paid),
    closing: formatAmount(opening + share - reversed - paid),
    lines: lines.map((line) => ({
      modelId: line.modelId,
      modelName: names.get(line.modelId) ?? line.modelId,
      calls: line.calls,
      revenue: formatAmount(BigInt(line.revenuePico)),
      share: formatAmount(BigInt(line.sharePico)),
      reversed: formatAmount(BigInt(line.reversedPico)),
    })),
    days: days.map(({ day, sharePico }) => ({ day, share: formatAmount(BigInt(sharePico)) })),
    payouts: payouts.map(toPayout),
  };
}

/** First day of the month and of the next. Raises `author.month_invalid`. */
export function daysOf(month: string): Readonly<{ from: string; to: string }> {
  if (!MONTH.test(month)) {
    throw fail('author.month_invalid', 'A month is written as in 2027-01.', { param: 'month' });
  }
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { from: first.toString(), to: first.add({ months: 1 }).toString() };
}

export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}
