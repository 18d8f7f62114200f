/** What one event costs. Pure: the same record and price version give the same amount, now and in an audit. */
import { parsePico } from '#ledger/money.ts';
import type { PricedModel, RatedLine } from '#pricing/price.ts';
import { outputTokensOf } from '#pricing/quantities.ts';
import { rate } from '#pricing/rate.ts';
import { type PriceTier, priceOfTier } from '#pricing/tier.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { type SettledRecord, type UsageBuckets, quantitiesOf } from './usage-event.ts';

export type RatedBy = 'price' | 'free' | 'hold';

export type RatedEvent = Readonly<{
  record: SettledRecord;
  currency: string;
  amountPico: bigint;
  ratedBy: RatedBy;
  /** The priced buckets, which sum to the amount; empty where it was charged at its hold. */
  lines: readonly RatedLine[];
  /** What an external provider asks for it; null where none was called. */
  cost: EventCost | null;
}>;

export type EventCost = Readonly<{ costId: string; costPico: bigint }>;

type Ratable = Readonly<{
  /** Of its tenant, for what has no price to say it; the default where nobody knows. */
  currency?: string;
  priceId: string | null;
  modelId: string;
  outcome: SettledRecord['outcome'];
  usage: UsageBuckets;
  units?: SettledRecord['units'];
  attributes?: SettledRecord['attributes'];
  holdPico: string;
  serviceTier?: PriceTier | undefined;
}>;

/**
 * By the pinned version; free where the model had no price; at what was set aside where the version is
 * not known here, because free by accident is the worse mistake and the hold is the most that was agreed.
 */
export function rateEvent(
  record: Ratable,
  prices: ReadonlyMap<string, PricedModel>,
  ofTenant: string = record.currency ?? DEFAULT_CURRENCY,
): Pick<RatedEvent, 'currency' | 'amountPico' | 'ratedBy' | 'lines'> {
  if (record.priceId === null) {
    return { currency: ofTenant, amountPico: 0n, ratedBy: 'free', lines: [] };
  }
  const price = prices.get(record.priceId);
  if (price === undefined || price.modelId !== record.modelId) {
    return {
      currency: ofTenant,
      amountPico: parsePico(record.holdPico),
      ratedBy: 'hold',
      lines: [],
    };
  }
  const { currency } = price;
  const inTier = priceOfTier(price, record.serviceTier);
  if (isOurFailure(record)) return { currency, amountPico: 0n, ratedBy: 'price', lines: [] };
  const { amountPico, lines } = rate(quantitiesOf(record), inTier);
  return { currency, amountPico, ratedBy: 'price', lines };
}

/** In which a call is paid: what its price says, else its tenant's own. */
export function currencyOf(
  { priceId, modelId, currency = DEFAULT_CURRENCY }: Ratable,
  prices: ReadonlyMap<string, PricedModel>,
): string {
  const price = priceId === null ? undefined : prices.get(priceId);
  return price?.modelId === modelId ? price.currency : currency;
}

/** It gave something, if not all. */
export function isServed({ outcome, usage, units = [] }: Ratable): boolean {
  if (outcome === 'finished') return true;
  return outcome === 'cancelled' && (outputTokensOf(usage) > 0 || units.length > 0);
}

/** A request that failed before it produced anything costs nothing, whatever was read of its prompt. */
function isOurFailure(record: Ratable): boolean {
  const { outcome, usage, units = [] } = record;
  if (outcome !== 'failed' || usage.output > 0 || usage.reasoning > 0) return false;
  return units.every(({ direction, count }) => direction === 'input' || count === 0);
}
