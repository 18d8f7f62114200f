/**
 * Rates whole shipments. Most calls cost what they say by themselves; where a price has tiers over a month, a call
 * stands after what its tenant used before, which pricing keeps, so these are rated in the transaction that
 * records them and again from where they stood then.
 */
import type { Database } from '#platform/database.ts';
import { type RatableCall, rateCalls, rateCallsAgain } from '#pricing/positions.ts';
import type { PricedModel, Rated } from '#pricing/price.ts';
import { priceOfTier } from '#pricing/tier.ts';
import { type RatedEvent, rateEvent } from './rating.ts';
import { type SettledRecord, quantitiesOf } from './usage-event.ts';

type Prices = ReadonlyMap<string, PricedModel>;
type Recorded = Parameters<typeof rateEvent>[0] &
  Pick<SettledRecord, 'tenantId' | 'requestId' | 'attempt'>;
type Ratable = Recorded & Pick<SettledRecord, 'admittedAtMs'>;
type Outcome = ReturnType<typeof rateEvent>;

/** Of events that are recorded in this transaction, each once; in their order. */
export function rateNew(
  tx: Database,
  records: readonly Ratable[],
  by: Readonly<{
    prices: Prices;
    /** Of their tenants, for what has no price to say one. */
    currencies: ReadonlyMap<string, string>;
  }>,
): Promise<readonly Pick<RatedEvent, keyof Outcome>[]> {
  const { prices, currencies } = by;
  const alone = records.map((record) => rateEvent(record, prices, currencies.get(record.tenantId)));
  return rateMonthly({ records, alone, prices }, (calls) => rateCalls(tx, calls));
}

/** Of events that are recorded already. */
export function rateRecorded(
  database: Database,
  records: readonly Recorded[],
  prices: Prices,
): Promise<readonly Outcome[]> {
  // Where a call stood says all that its month said.
  const placed = records.map((record) => ({ ...record, admittedAtMs: 0 }));
  const alone = records.map((record) => rateEvent(record, prices));
  return rateMonthly({ records: placed, alone, prices }, (calls) =>
    rateCallsAgain(database, calls),
  );
}

async function rateMonthly(
  request: Readonly<{
    records: readonly Ratable[];
    /** What they cost by themselves. */
    alone: readonly Outcome[];
    prices: Prices;
  }>,
  rateInMonth: (calls: readonly RatableCall[]) => Promise<readonly Rated[]>,
): Promise<readonly Outcome[]> {
  const { records, alone, prices } = request;
  const monthly = records.flatMap((record, index) => {
    const call = monthlyCall(record, alone[index], prices);
    return call === null ? [] : [{ index, call }];
  });
  if (monthly.length === 0) return alone;
  const rated = await rateInMonth(monthly.map(({ call }) => call));
  const byIndex = new Map(monthly.map(({ index }, at) => [index, rated[at]]));
  return alone.map((outcome, index) => ({ ...outcome, ...byIndex.get(index) }));
}

/** Null where the call costs what it says by itself. */
function monthlyCall(
  record: Ratable,
  outcome: Outcome | undefined,
  prices: Prices,
): RatableCall | null {
  const { tenantId, requestId, attempt, admittedAtMs } = record;
  const price = prices.get(record.priceId ?? '');
  // Without lines it was charged for nothing, and takes no place in the month.
  if (price === undefined || outcome === undefined || outcome.lines.length === 0) return null;
  if (price.components.every(({ mode = 'whole_request' }) => mode === 'whole_request')) return null;
  const inTier = priceOfTier(price, record.serviceTier);
  const quantities = quantitiesOf(record);
  return { tenantId, requestId, attempt, price: inTier, quantities, admittedAtMs };
}
