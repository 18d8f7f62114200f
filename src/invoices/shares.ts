/**
 * What authors earned of an invoice: kept with it when it is issued, because single calls are not kept for
 * ever, and taken back with each credit note, in its transaction and its entry. A note takes back its part of
 * the invoice's total; all notes together take back no more than was earned, and the last one all of it.
 */
import type { Database } from '#platform/database.ts';
import { shareOfCredit } from '#authors/rule.ts';
import type { Posting } from '#ledger/entry.ts';
import type { BillingParts } from './billing-ports.ts';
import { addReversed, insertShares, lockShares } from './share-store.ts';
import type { Statement } from './statement.ts';
import type { BillingSpan } from './usage-lines.ts';

export async function keepShares(
  tx: Database,
  { lines, authors }: Pick<BillingParts, 'lines' | 'authors'>,
  request: Readonly<{
    invoice: Readonly<{ tenantId: string; id: string }>;
    span: BillingSpan;
    statement: Pick<Statement, 'lines'>;
  }>,
): Promise<void> {
  const { invoice, span, statement } = request;
  const modelIds = [...new Set(statement.lines.map(({ usage }) => usage.modelId))];
  const instantsMs = await authors.ruleChanges(tx, modelIds);
  // A cloud without rules shares with nobody.
  if (instantsMs.length === 0) return;
  await insertShares(tx, invoice, await lines.shares(tx, { ...span, instantsMs }));
}

/** Answers balanced postings, for the entry of the note. */
export async function takeBack(
  tx: Database,
  { authors }: Pick<BillingParts, 'authors'>,
  request: Readonly<{
    invoice: Readonly<{ tenantId: string; id: string; currency: string; totalPico: bigint }>;
    /** All that is credited of the invoice, with this note. */
    creditedPico: bigint;
    noteNumber: string;
  }>,
): Promise<readonly Posting[]> {
  const { invoice, creditedPico, noteNumber } = request;
  const { currency, totalPico: amountPico } = invoice;
  const postings: Posting[] = [];
  for (const share of await lockShares(tx, invoice)) {
    const { modelId, admittedAtMs: atMs, sharePico: earnedPico, reversedPico } = share;
    const untilPico = shareOfCredit({ creditedPico, amountPico, sharePico: earnedPico });
    const sharePico = untilPico - reversedPico;
    if (sharePico <= 0n) continue;
    const key = `${noteNumber}/${modelId}/${atMs}`;
    const back = await authors.reversal(tx, { key, modelId, currency, sharePico, atMs });
    // Nobody is left to take it from.
    if (back.length === 0) continue;
    postings.push(...back);
    await addReversed(tx, { ...invoice, share, sharePico });
  }
  return postings;
}

/** One posting for each account, as an entry wants them, and none of nothing. */
export function mergePostings(postings: readonly Posting[]): readonly Posting[] {
  const byAccount = new Map<string, Posting>();
  for (const { account, amountPico } of postings) {
    const before = byAccount.get(account.id)?.amountPico ?? 0n;
    byAccount.set(account.id, { account, amountPico: before + amountPico });
  }
  return [...byAccount.values()].filter(({ amountPico }) => amountPico !== 0n);
}
