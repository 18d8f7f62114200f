/** Prices for tests: any that passes the checks, and what a request of it may look like. */
import fc from 'fast-check';
import { formatAmount } from '#ledger/money.ts';
import type { PriceRate, PriceTerms } from './api.ts';
import { rateName } from './check.ts';
import type { PricedModel } from './price.ts';
import { CACHE_KINDS, DIRECTIONS, type Quantities, type UnitCount } from './quantities.ts';
import { PRICE_TIERS } from './tier.ts';
import { toVersionTerms } from './terms.ts';

/** Nothing, or enough that half of a half is still something: 10 pico for one count and more. */
const countPico = fc.oneof(fc.constant(0n), fc.bigInt(10n, 10n ** 9n));
const PER = fc.constantFrom(1, 7, 1_000, 1_000_000);
const mode = fc.constantFrom('whole_request', 'graduated', 'volume', 'package' as const);
const RESOLUTIONS = ['720p', '1080p'] as const;
const REGIONS = ['east', 'west'] as const;
const COUNTED_IN_THOUSANDTHS: readonly string[] = ['second', 'video_second', 'gb_day', 'gpu_hour'];
const OTHER_UNITS = ['image', 'second', 'character', 'video_second', 'page', 'request'] as const;

type Shape = Readonly<Omit<PriceRate, 'mode' | 'per' | 'tiers'>>;

function rateOfShape(shape: Shape): fc.Arbitrary<PriceRate> {
  const limits = fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 3 });
  const amounts = fc.array(countPico, { minLength: 4, maxLength: 4 });
  return fc.record({ mode, per: PER, limits, amounts }).map((drawn) => {
    const ends = drawn.mode === 'package' ? [] : drawn.limits.toSorted((a, b) => a - b);
    const counts = COUNTED_IN_THOUSANDTHS.includes(shape.unit) ? 1_000n : 1n;
    const prices = drawn.amounts.slice(0, ends.length + 1);
    if (drawn.mode === 'volume') prices.sort((left, right) => (left > right ? -1 : 1));
    const tiers = [...ends, null].map((upTo, index) => ({
      upTo,
      amount: formatAmount((prices[index] ?? 0n) * BigInt(drawn.per) * counts),
    }));
    return { ...shape, mode: drawn.mode, per: drawn.per, tiers };
  });
}

const flag = fc.option(fc.boolean(), { nil: undefined });
const tokenShape = fc
  .record({
    direction: fc.constantFrom(...DIRECTIONS),
    serviceTier: fc.option(fc.constantFrom(...PRICE_TIERS), { nil: undefined }),
    isThinking: flag,
    cacheKind: fc.option(fc.constantFrom(...CACHE_KINDS), { nil: undefined }),
    cacheTtl: fc.option(fc.constantFrom('5m', '1h' as const), { nil: undefined }),
  })
  .map(({ direction, serviceTier, isThinking, cacheKind, cacheTtl }): Shape => {
    const isCache = direction.startsWith('cache');
    return {
      unit: 'token',
      direction,
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(isThinking === undefined ? {} : { isThinking }),
      ...(isCache && cacheKind !== undefined ? { cacheKind } : {}),
      ...(direction === 'cache_write' && cacheTtl !== undefined ? { cacheTtl } : {}),
    };
  });
const mediaShape = fc
  .record({ unit: fc.constantFrom(...OTHER_UNITS), resolution: fc.constantFrom(...RESOLUTIONS) })
  .map(({ unit, resolution }): readonly Shape[] => {
    const base: Shape = { unit, direction: unit === 'image' ? 'output' : 'input' };
    const hasResolution = unit === 'image' || unit === 'video_second';
    return hasResolution ? [base, { ...base, resolution }] : [base];
  });

const shapes = fc.record({
  tokens: fc.array(tokenShape, { maxLength: 6 }),
  media: fc.array(mediaShape, { maxLength: 2 }),
});
const times = fc.constantFrom('0.5', '1', '1.25', '3', '0.333333');
const tierTerms = fc.record({
  times,
  without: fc.subarray(['cache_read', 'cache_write'] as const).map((each) => [...each]),
});

/** Always with a price of input and output without conditions. */
export const anyTerms: fc.Arbitrary<PriceTerms> = shapes.chain(({ tokens, media }) => {
  const base: Shape[] = [
    { unit: 'token', direction: 'input' },
    { unit: 'token', direction: 'output' },
  ];
  const named = new Map<string, Shape>();
  for (const shape of [...base, ...tokens, ...media.flat()]) {
    named.set(rateName({ ...shape, mode: 'whole_request', per: 1, tiers: [] }), shape);
  }
  return fc.record({
    rates: fc.tuple(...[...named.values()].map(rateOfShape)),
    serviceTiers: fc.record({ flex: tierTerms, batch: tierTerms }, { requiredKeys: [] }),
    regions: fc
      .dictionary(fc.constantFrom(...REGIONS), times, { maxKeys: 2 })
      .map((each) => ({ ...each })),
  });
});

const count = fc.nat(3_000);
const unitCounts: fc.Arbitrary<readonly UnitCount[]> = fc.uniqueArray(
  fc
    .record({ unit: fc.constantFrom(...OTHER_UNITS), count: fc.nat(3_000_000) })
    .map(({ unit, count: used }): UnitCount => ({
      unit,
      direction: unit === 'image' ? 'output' : 'input',
      count: COUNTED_IN_THOUSANDTHS.includes(unit) ? used : used % 3_000,
    })),
  { selector: ({ unit }) => unit, maxLength: 3 },
);

export const anyQuantities: fc.Arbitrary<Quantities> = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite: count,
  cacheWrite1h: fc.option(count, { nil: undefined }),
  output: count,
  reasoning: count,
  units: fc.option(unitCounts, { nil: undefined }),
  attributes: fc.option(
    fc.record(
      {
        isThinking: fc.boolean(),
        cacheKind: fc.constantFrom(...CACHE_KINDS),
        resolution: fc.constantFrom(...RESOLUTIONS, '4k'),
        region: fc.constantFrom(...REGIONS, 'north'),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
});

export const anyTier = fc.constantFrom(...PRICE_TIERS);

export function pricedBy(terms: PriceTerms): PricedModel {
  return {
    priceId: 'prc_1',
    modelId: 'mdl_1',
    currency: 'CNY',
    effectiveFromMs: 0,
    ...toVersionTerms(terms),
  };
}
