/**
 * What past calls would have cost by other prices. Pure. Calls come summed by all that chooses a price, the size of
 * the request included, so every flat price is exact; monthly tiers start from nothing at the start of the time
 * that is replayed. What calls were charged is what the books say, never worked out again.
 */
import type { PriceAttributes, Quantities, UnitCount } from './quantities.ts';
import type { PricedModel } from './price.ts';
import { chargesOf, rate } from './rate.ts';
import { type PriceTier, priceOfTier } from './tier.ts';

/** Calls of a tenant that differ in nothing but how much they used. */
export type ReplayRow = Readonly<{
  tenantId: string;
  modelId: string;
  currency: string;
  serviceTier: PriceTier;
  attributes: PriceAttributes;
  /** The UTC month of admission, `2030-06`. */
  month: string;
  /** Into which of the sizes their input falls: 0 is up to the first threshold. */
  sizeClass: number;
  calls: number;
  /** Sums. Rows of units have no tokens, and their calls are counted with the tokens. */
  tokens: Omit<Quantities, 'units' | 'attributes'>;
  units: readonly UnitCount[];
  amountPico: bigint;
}>;

/** What pricing asks of metering: only calls that are charged, of these models, in this time. */
export type UsageReplay = (
  query: Readonly<{
    fromMs: number;
    toMs: number;
    modelIds: readonly string[];
    /** Rising; sizes are total input tokens, each threshold the largest of its class. */
    thresholds: readonly number[];
  }>,
) => Promise<readonly ReplayRow[]>;

export type Simulated = Readonly<{
  tenantId: string;
  modelId: string;
  calls: number;
  nowPico: bigint;
  thenPico: bigint;
}>;

/** Where a whole-request price changes with the input of a request. */
export function thresholdsOf(prices: readonly PricedModel[]): readonly number[] {
  const ends = prices.flatMap(({ components }) =>
    components.flatMap(({ unit, mode = 'whole_request', upTo = null }) =>
      unit === 'token' && mode === 'whole_request' && upTo !== null ? [upTo] : [],
    ),
  );
  return [...new Set(ends)].toSorted((left, right) => left - right);
}

/** Prices are by model; rows of other models are left out. One result for each tenant and model. */
export function simulate(
  rows: readonly ReplayRow[],
  prices: ReadonlyMap<string, PricedModel>,
  thresholds: readonly number[],
): readonly Simulated[] {
  const results = new Map<string, Simulated>();
  const positions = new Map<string, Map<string, bigint>>();
  for (const row of rows) {
    const version = prices.get(row.modelId);
    if (version === undefined) continue;
    const { tenantId, modelId, month } = row;
    const price = priceOfTier(version, row.serviceTier);
    const used: Quantities = { ...row.tokens, units: row.units, attributes: row.attributes };
    const place = [tenantId, modelId, month].join(' ');
    const position = positions.get(place) ?? new Map<string, bigint>();
    positions.set(place, position);
    const thenPico = rate(used, price, new Map(position), sizeOf(row, thresholds)).amountPico;
    for (const { count, rate: by } of chargesOf(used, price)) {
      position.set(by.position, (position.get(by.position) ?? 0n) + BigInt(count));
    }
    const key = [tenantId, modelId].join(' ');
    const before = results.get(key) ?? { tenantId, modelId, calls: 0, nowPico: 0n, thenPico: 0n };
    results.set(key, {
      ...before,
      calls: before.calls + (row.units.length > 0 ? 0 : row.calls),
      nowPico: before.nowPico + row.amountPico,
      thenPico: before.thenPico + thenPico,
    });
  }
  return [...results.values()];
}

/** Whether a version says what something costs by how much of it one call made; a sum does not tell that. */
export function isApproximate({ components }: PricedModel): boolean {
  return components.some(
    ({ unit, mode = 'whole_request', upTo = null }) =>
      unit !== 'token' && mode === 'whole_request' && upTo !== null,
  );
}

/** A size of the class; for units the mean of the calls. */
function sizeOf(row: ReplayRow, thresholds: readonly number[]): bigint {
  const [unit] = row.units;
  if (unit !== undefined) return BigInt(Math.round(unit.count / Math.max(1, row.calls)));
  const last = thresholds.at(-1) ?? 0;
  return BigInt(thresholds[row.sizeClass] ?? last + 1);
}
