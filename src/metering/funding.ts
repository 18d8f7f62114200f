/**
 * Who pays a rated call, and who earns from it: the two ports that ingestion asks inside its transaction,
 * after rating and before posting. Both are optional. Without `Funding` cash pays everything; without
 * `Shares` all revenue is the platform's. Only calls that cost something are asked about.
 *
 * What a port answers is checked here, because the entry is made of it: the parts of a call sum to its
 * amount, and what a share takes from revenue is what it gives to the author.
 */
import assert from 'node:assert/strict';
import type { Database } from '#platform/database.ts';
import { type Account, type Posting, tenantCredit } from '#ledger/entry.ts';
import { sum } from '#ledger/money.ts';
import type { RatedLine } from '#pricing/price.ts';
import type { PriceTier } from '#pricing/tier.ts';

/** In the order in which they are used up. */
export const FUNDING_SOURCES = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'] as const;
export type FundingSource = (typeof FUNDING_SOURCES)[number];

/** A call that costs something, as the ports see it. */
export type CostlyEvent = Readonly<{
  /** Unique: tenant, request and attempt. */
  eventKey: string;
  tenantId: string;
  projectId: string;
  keyId: string;
  modelId: string;
  serviceTier: PriceTier;
  currency: string;
  amountPico: bigint;
  /** The priced buckets, which sum to the amount; empty where it was charged at its hold. */
  lines: readonly RatedLine[];
  admittedAtMs: number;
  settledAtMs: number;
  leaseId: string | null;
}>;

export type FundingPart = Readonly<{
  source: FundingSource;
  /** The grant, plan or quota; null for cash. */
  sourceId: string | null;
  /** Never negative; the parts of a call sum to its amount. */
  amountPico: bigint;
  /** What a quota or an allowance counts, where it counts units instead of money. */
  units?: number | undefined;
  /** The account that pays; null is the tenant's own credit. */
  account: Account | null;
}>;

export type Funding = Readonly<{
  /**
   * Takes what these calls cost from where it is to come from, in the order given, and says so for each
   * of them in that order. It is called once for each event that is new, and rolls back with it.
   */
  fund: (
    tx: Database,
    events: readonly CostlyEvent[],
  ) => Promise<readonly (readonly FundingPart[])[]>;
}>;

export type AuthorShare = Readonly<{
  /** What the author earns of it; zero where nobody shares. */
  amountPico: bigint;
  /** Balanced: what the author gets, and the same from revenue. */
  postings: readonly Posting[];
}>;

export type Shares = Readonly<{
  /** One answer for each event, in order; `parts` say who paid each of them. */
  postingsFor: (
    tx: Database,
    events: readonly CostlyEvent[],
    parts: readonly (readonly FundingPart[])[],
  ) => Promise<readonly AuthorShare[]>;
}>;

export const NO_SHARE: AuthorShare = { amountPico: 0n, postings: [] };

/** All cash where nobody else is asked. */
export async function fundEvents(
  tx: Database,
  funding: Funding | undefined,
  events: readonly CostlyEvent[],
): Promise<readonly (readonly FundingPart[])[]> {
  if (funding === undefined || events.length === 0) return events.map(allCash);
  const funded = await funding.fund(tx, events);
  assert.equal(funded.length, events.length, 'every event has its parts');
  events.forEach((event, index) => checkParts(event, funded[index] ?? []));
  return funded;
}

/** Nobody shares where nobody is asked. */
export async function shareEvents(
  tx: Database,
  shares: Shares | undefined,
  funded: Readonly<{
    events: readonly CostlyEvent[];
    parts: readonly (readonly FundingPart[])[];
  }>,
): Promise<readonly AuthorShare[]> {
  const { events, parts } = funded;
  if (shares === undefined || events.length === 0) return events.map(() => NO_SHARE);
  const shared = await shares.postingsFor(tx, events, parts);
  assert.equal(shared.length, events.length, 'every event has its share');
  events.forEach((event, index) => checkShare(event, shared[index] ?? NO_SHARE));
  return shared;
}

/** The account that a part is taken from. */
export function payingAccount(event: CostlyEvent, part: FundingPart): Account {
  return part.account ?? tenantCredit(event.tenantId, event.currency);
}

function allCash({ amountPico }: CostlyEvent): readonly FundingPart[] {
  return [{ source: 'cash', sourceId: null, amountPico, account: null }];
}

function checkParts(event: CostlyEvent, parts: readonly FundingPart[]): void {
  const { eventKey, amountPico, currency } = event;
  assert.equal(
    sum(parts.map((part) => part.amountPico)),
    amountPico,
    `the parts of ${eventKey} sum to its amount`,
  );
  for (const part of parts) {
    assert(part.amountPico >= 0n, `a part of ${eventKey} is negative`);
    assert.equal(payingAccount(event, part).currency, currency, `${eventKey} has one currency`);
  }
}

function checkShare(event: CostlyEvent, share: AuthorShare): void {
  const { eventKey, amountPico, currency } = event;
  if (share.amountPico === 0n && share.postings.length === 0) return;
  assert(
    share.amountPico >= 0n && share.amountPico <= amountPico,
    `the share of ${eventKey} is a part of its amount`,
  );
  assert.equal(
    sum(share.postings.map((posting) => posting.amountPico)),
    0n,
    `the share of ${eventKey} balances`,
  );
  for (const { account } of share.postings) {
    assert.equal(account.currency, currency, `${eventKey} has one currency`);
  }
}
