/**
 * What a close asks of others: sums of usage, by price and by who paid, and what else was bought. Both sums of
 * usage are over the same calls and so have the same total. Times are those at which a call is billed: when
 * it was settled, or the beginning of the first open period where it came too late for its own.
 */
import type { Database } from '#platform/database.ts';

export type BillingSpan = Readonly<{
  tenantId: string;
  currency: string;
  /** Included. */
  fromMs: number;
  /** Excluded. */
  toMs: number;
}>;

/** One price of one model: `eachPico × priced = amountPico`, exactly. */
export type UsageLine = Readonly<{
  modelId: string;
  modelName: string;
  serviceTier: string;
  unit: string;
  direction: string;
  /** Names the rate among those of its version. */
  rate: string;
  upTo: number | null;
  eachPico: bigint;
  priced: bigint;
  /** Counts that were used: tokens, or thousandths of a second. */
  units: bigint;
  amountPico: bigint;
  calls: number;
  /** The UTC day of calls that came after their own period was closed; null for the period's own. */
  correctionOf: string | null;
}>;

export const SOURCES = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'] as const;
export type Source = (typeof SOURCES)[number];

export type SourceSum = Readonly<{
  source: Source;
  /** The grant or plan; null for cash. */
  sourceId: string | null;
  amountPico: bigint;
}>;

export type Drawn = Readonly<{ beforePico: bigint; untilPico: bigint }>;

export type UsageSums = Readonly<{ lines: readonly UsageLine[]; sources: readonly SourceSum[] }>;

/** An entry whose postings are not what the calls it stands for cost. */
export type WrongEntry = Readonly<{ entryId: number; postedPico: bigint; ratedPico: bigint }>;

export type PostedCheck = Readonly<{
  /** Σ of the calls themselves. */
  ratedPico: bigint;
  wrongEntries: readonly WrongEntry[];
}>;

/** What authors earned of one model's calls, all under one rule. */
export type EarnedShare = Readonly<{
  modelId: string;
  /** The first of the calls. */
  admittedAtMs: number;
  /** What they cost, and what was earned of it. */
  amountPico: bigint;
  sharePico: bigint;
}>;

export type UsageLines = Readonly<{
  sum: (database: Database, span: BillingSpan) => Promise<UsageSums>;
  /** In which usage of the span costs something too: a bill is of one. */
  otherCurrencies: (database: Database, span: BillingSpan) => Promise<readonly string[]>;
  /** Who paid, alone. */
  sources: (database: Database, span: BillingSpan) => Promise<readonly SourceSum[]>;
  /** What savings plans had paid before the span, and until its end. */
  drawn: (
    database: Database,
    span: BillingSpan & Readonly<{ sourceIds: readonly string[] }>,
  ) => Promise<ReadonlyMap<string, Drawn>>;
  /** Apart wherever one of the instants lies between two calls. */
  shares: (
    database: Database,
    span: BillingSpan & Readonly<{ instantsMs: readonly number[] }>,
  ) => Promise<readonly EarnedShare[]>;
  /** The calls of the span, and the entries they were posted in, looked at one by one. */
  posted: (database: Database, span: BillingSpan) => Promise<PostedCheck>;
}>;

/** Something bought once: a plan's month, a savings plan. It was paid from the balance when it was bought. */
export type Purchase = Readonly<{
  id: string;
  /** `unused` and `remaining` are the two lines of a plan that was changed for another in mid-month. */
  kind: 'subscription' | 'unused' | 'remaining' | 'savings_plan';
  /** The subscription, or the grant that a savings plan gave: its lines belong together. */
  subjectId: string;
  /** Of the plan. */
  name: string;
  /** Negative for what was given back. */
  amountPico: bigint;
  /** When it counts. */
  atMs: number;
  /** What it is for: from (with) to (without). */
  serviceFromMs: number;
  serviceToMs: number;
}>;

/** What of a purchase that was paid in advance was used, or ended unused, in a period. */
export type Amortised = Readonly<{
  /** The subject of its purchases. */
  id: string;
  description: string;
  state: 'used' | 'unused';
  /** Of what was paid for it. */
  costPico: bigint;
}>;

/** An entry that took something else from the balance than the purchases that name it say. */
export type WrongPurchase = Readonly<{
  entryId: number | null;
  boughtPico: bigint;
  postedPico: bigint;
}>;

export type Purchases = Readonly<{
  /** Oldest first. */
  bought: (database: Database, span: BillingSpan) => Promise<readonly Purchase[]>;
  amortised: (database: Database, span: BillingSpan) => Promise<readonly Amortised[]>;
  wrong: (database: Database, span: BillingSpan) => Promise<readonly WrongPurchase[]>;
}>;
