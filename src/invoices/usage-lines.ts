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

export type UsageSums = Readonly<{ lines: readonly UsageLine[]; sources: readonly SourceSum[] }>;

/** An entry whose postings are not what the calls it stands for cost. */
export type WrongEntry = Readonly<{ entryId: number; postedPico: bigint; ratedPico: bigint }>;

export type PostedCheck = Readonly<{
  /** Σ of the calls themselves. */
  ratedPico: bigint;
  wrongEntries: readonly WrongEntry[];
}>;

export type UsageLines = Readonly<{
  sum: (database: Database, span: BillingSpan) => Promise<UsageSums>;
  /** The calls of the span, and the entries they were posted in, looked at one by one. */
  posted: (database: Database, span: BillingSpan) => Promise<PostedCheck>;
}>;

/** Something bought once: a plan's month, a savings plan. It was paid from the balance when it was bought. */
export type Purchase = Readonly<{
  id: string;
  kind: 'subscription' | 'savings_plan' | 'other';
  description: string;
  /** Negative for what was given back. */
  amountPico: bigint;
  atMs: number;
}>;

/** What of a purchase that was paid in advance was used, or ended unused, in a period. */
export type Amortised = Readonly<{
  id: string;
  description: string;
  state: 'used' | 'unused';
  /** Of what was paid for it. */
  costPico: bigint;
}>;

export type Purchases = Readonly<{
  between: (
    database: Database,
    span: BillingSpan,
  ) => Promise<Readonly<{ bought: readonly Purchase[]; amortised: readonly Amortised[] }>>;
}>;

export const NO_PURCHASES: Purchases = {
  between: async () => ({ bought: [], amortised: [] }),
};
