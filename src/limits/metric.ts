/**
 * What can be limited by number, and how long a share of each counts. Pure. A share is a part of a
 * limit that one gateway uses without asking. After it ends, what was done on it still counts for as
 * long as the limit looks back: a minute for calls a minute, until the journal is in for a budget.
 */
export const METRICS = [
  'requests_per_second',
  'requests_per_minute',
  'tokens_per_minute',
  'concurrency',
  'daily_budget',
  'monthly_budget',
] as const;
export type Metric = (typeof METRICS)[number];

export const isBudget = (metric: Metric): boolean =>
  metric === 'daily_budget' || metric === 'monthly_budget';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * A gateway uses a share this long without hearing from control: long enough for a control that
 * restarts, short enough that the share of a lost gateway is soon there for the others.
 */
const SHARE_TTL_MS = 2 * MINUTE_MS;
/** Money waits longer, like the leases of the ledger: spending is only known once journals are in. */
const BUDGET_TTL_MS = 10 * MINUTE_MS;

export const ttlMsOf = (metric: Metric): number =>
  isBudget(metric) ? BUDGET_TTL_MS : SHARE_TTL_MS;

/** How long a share that has ended still counts. */
const GRACE_MS: Readonly<Record<Metric, number>> = {
  requests_per_second: SECOND_MS,
  requests_per_minute: MINUTE_MS,
  tokens_per_minute: MINUTE_MS,
  // Of a gateway that is gone its streams are gone too, when its sockets are noticed to be.
  concurrency: MINUTE_MS,
  // As long as the ledger waits for the journal of a gateway that was away.
  daily_budget: 15 * MINUTE_MS,
  monthly_budget: 15 * MINUTE_MS,
};

export const graceMsOf = (metric: Metric): number => GRACE_MS[metric];
