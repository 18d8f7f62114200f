/**
 * What ingestion asks in its transaction: who earns of the calls it is about to post. Answers with
 * balanced postings and adds the same to the fold that statements read, so that the two always agree.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { PLATFORM_SHARDS, type Posting, authorAccount, platformAccount } from '#ledger/entry.ts';
import { type Earned, type PaidPart, type SharedCall, earnedOf, ruleAt } from './rule.ts';
import { type Earning, addEarnings, selectOperatorId, selectRulesFor } from './store.ts';

/** Who published these models, asked in the transaction; models that the hub does not know are left out. */
export type Publishers = (
  tx: Database,
  modelIds: readonly string[],
) => Promise<ReadonlyMap<string, string>>;

export type ShareParts = Readonly<{ publishersOf: Publishers; clock: Clock }>;

export type CountedCall = SharedCall & Readonly<{ eventKey: string }>;

export type AuthorShare = Readonly<{ amountPico: bigint; postings: readonly Posting[] }>;

const NONE: AuthorShare = { amountPico: 0n, postings: [] };

/** One answer for each call, in order; a cloud without rules pays with one query. */
export async function sharesOf(
  tx: Database,
  parts: ShareParts,
  calls: readonly CountedCall[],
  paid: readonly (readonly PaidPart[])[],
): Promise<readonly AuthorShare[]> {
  const modelIds = [...new Set(calls.map(({ modelId }) => modelId))];
  const rules = await selectRulesFor(tx, modelIds);
  const operatorId = rules.length === 0 ? null : await selectOperatorId(tx);
  if (operatorId === null) return calls.map(() => NONE);
  const publishers = await parts.publishersOf(tx, modelIds);
  const earned = calls.map((call, index) => {
    const publisherId = publishers.get(call.modelId) ?? null;
    return earnedOf(call, paid[index] ?? [], { rules, publisherId, operatorId });
  });
  const earnings = foldOf(calls, earned);
  const [first] = calls;
  if (earnings.length > 0 && first !== undefined) {
    const shard = shardOf(first.eventKey);
    await addEarnings(tx, { dayMs: parts.clock.nowMs(), shard, earnings });
  }
  return calls.map((call, index) => toShare(call, earned[index] ?? null));
}

export type Reversal = Readonly<{
  /** Names what is taken back; picks the row it is added to. */
  key: string;
  modelId: string;
  currency: string;
  /** What was earned of it. */
  sharePico: bigint;
  /** When the calls were admitted: says who earned. */
  atMs: number;
}>;

/**
 * Takes back what was earned of payments that are given back. The postings belong into the entry that
 * gives them back.
 */
export async function reverseShare(
  tx: Database,
  parts: ShareParts,
  reversal: Reversal,
): Promise<readonly Posting[]> {
  const { key, modelId, currency, sharePico, atMs } = reversal;
  if (sharePico <= 0n) return [];
  const rule = ruleAt(await selectRulesFor(tx, [modelId]), modelId, atMs);
  const publishers = await parts.publishersOf(tx, [modelId]);
  const tenantId = rule?.authorTenantId ?? publishers.get(modelId) ?? null;
  if (tenantId === null) return [];
  await addEarnings(tx, {
    dayMs: parts.clock.nowMs(),
    shard: shardOf(key),
    earnings: [
      {
        tenantId,
        modelId,
        currency,
        calls: 0,
        revenuePico: 0n,
        sharePico: 0n,
        reversedPico: sharePico,
      },
    ],
  });
  return transfer(tenantId, currency, -sharePico);
}

function toShare({ currency }: SharedCall, earned: Earned | null): AuthorShare {
  if (earned === null || earned.sharePico === 0n) return NONE;
  const { authorTenantId, sharePico } = earned;
  return { amountPico: sharePico, postings: transfer(authorTenantId, currency, sharePico) };
}

function transfer(tenantId: string, currency: string, amountPico: bigint): readonly Posting[] {
  return [
    { account: authorAccount(tenantId, currency), amountPico },
    { account: platformAccount('revenue', currency), amountPico: -amountPico },
  ];
}

function foldOf(
  calls: readonly SharedCall[],
  earned: readonly (Earned | null)[],
): readonly Earning[] {
  const fold = new Map<string, Earning>();
  for (const [index, call] of calls.entries()) {
    const each = earned[index] ?? null;
    if (each === null) continue;
    const { modelId, currency } = call;
    const key = `${each.authorTenantId} ${modelId} ${currency}`;
    const before = fold.get(key);
    fold.set(key, {
      tenantId: each.authorTenantId,
      modelId,
      currency,
      calls: (before?.calls ?? 0) + 1,
      revenuePico: (before?.revenuePico ?? 0n) + each.revenuePico,
      sharePico: (before?.sharePico ?? 0n) + each.sharePico,
      reversedPico: 0n,
    });
  }
  return [...fold.values()];
}

/** As the ledger spreads the author's balance. */
function shardOf(key: string): number {
  return (createHash('sha256').update(key).digest()[0] ?? 0) % PLATFORM_SHARDS;
}
