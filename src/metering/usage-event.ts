/**
 * The measured fact, as a gateway writes it into its journal: `admitted` when a request is let in,
 * `progress` while it streams (at most one a second, so that a crash settles at what was generated),
 * `settled` in its one exit. Every record can be read alone; `settled` repeats the identity.
 *
 * Buckets are disjoint: input without cache reads, output without reasoning. Their sum is what the
 * engine counted, whatever shape it spoke.
 */
import type { PriceAttributes, Quantities, TokenBuckets, UnitCount } from '#pricing/quantities.ts';
import type { PriceTier } from '#pricing/tier.ts';

/** What pricing takes, as it was counted: one type from the engine's answer to the bill. */
export type UsageBuckets = TokenBuckets;

export const NO_USAGE: UsageBuckets = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
};

/** `abandoned`: the gateway died in the middle; settled on restart at the last progress it wrote. */
export type Outcome = 'finished' | 'cancelled' | 'failed' | 'abandoned';

/** `engine`: the engine said it. `counted`: chunks delivered, because the engine said nothing. */
export type UsageSource = 'engine' | 'counted' | 'none';

export type RequestIdentity = Readonly<{
  requestId: string;
  attempt: number;
  tenantId: string;
  projectId: string;
  keyId: string;
  modelName: string;
  modelId: string;
  /** The price version pinned at admission; null where the model has none (then the call is free). */
  priceId: string | null;
  /** The lease its hold was taken from; null where nothing was held. */
  leaseId: string | null;
  /** Decimal string of pico: JSON has no bigint. */
  holdPico: string;
  admittedAtMs: number;
  /** The class it is priced in, pinned with the price; the default where it is missing. */
  serviceTier?: PriceTier | undefined;
}>;

export type AdmittedRecord = RequestIdentity &
  Readonly<{ kind: 'admitted'; inputEstimate: number }>;

export type ProgressRecord = Readonly<{
  kind: 'progress';
  requestId: string;
  attempt: number;
  usage: UsageBuckets;
}>;

/** A start of a gateway, and the number of a record within it: a number that is missing was lost. */
export type JournalPlace = Readonly<{ run: string; sequence: number }>;

export type SettledRecord = RequestIdentity &
  Readonly<{
    kind: 'settled';
    outcome: Outcome;
    /** HTTP status the caller got; 499 when the caller left. */
    status: number;
    deploymentId: string | null;
    replicaId: string | null;
    usage: UsageBuckets;
    usageSource: UsageSource;
    /** What was used beside tokens: images, seconds, characters; absent where nothing was. */
    units?: readonly UnitCount[] | undefined;
    /** What chooses the price beside the counts; absent where nothing does. */
    attributes?: PriceAttributes | undefined;
    firstByteAtMs: number | null;
    settledAtMs: number;
    /** Whether the answer came from the cache; absent where the cache had no say. */
    cache?: 'hit' | 'miss' | undefined;
    /** How long it waited for a replica; absent where it did not. */
    queueMs?: number | undefined;
    /** Why it failed; absent where it did not. */
    errorCode?: string | undefined;
    /** Which of the settled records of its process it is, from one; the journal writes it in. */
    journal?: JournalPlace | undefined;
  }>;

/** All that pricing needs of a call, in one value: gateways hold and control rates with this same one. */
export function quantitiesOf({
  usage,
  units,
  attributes,
}: Pick<SettledRecord, 'usage' | 'units' | 'attributes'>): Quantities {
  if (units === undefined && attributes === undefined) return usage;
  return {
    ...usage,
    ...(units === undefined ? {} : { units }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

export type JournalRecord = AdmittedRecord | ProgressRecord | SettledRecord;

/** One shipment of journal bytes: `[from, to)` of a segment, with the settled records inside. */
export type Shipment = Readonly<{
  gatewayId: string;
  segment: number;
  fromOffset: number;
  toOffset: number;
  settled: readonly SettledRecord[];
}>;
