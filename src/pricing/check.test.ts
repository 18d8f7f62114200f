import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PriceRate, PriceTerms } from './api.ts';
import { priceTermsSchema } from './api.ts';
import { findProblems } from './check.ts';
import { canonicalTerms, toTerms, toVersionTerms } from './terms.ts';
import { anyTerms } from './terms-fixture.ts';

const token = (direction: PriceRate['direction'], change: Partial<PriceRate> = {}): PriceRate => ({
  unit: 'token',
  direction,
  mode: 'whole_request',
  per: 1_000_000,
  tiers: [{ upTo: null, amount: '1' }],
  ...change,
});
const terms = (...rates: PriceRate[]): PriceTerms => ({ rates, serviceTiers: {}, regions: {} });
const cost = (amount: string, upTo: number | null = null) => ({ upTo, amount });

describe('a price is refused', () => {
  const cases: readonly (readonly [why: string, terms: PriceTerms, code: string, path: string])[] =
    [
      [
        'below zero',
        terms(token('input', { tiers: [cost('-1')] })),
        'price.negative',
        'rates.0.tiers.0.amount',
      ],
      [
        'that is no number',
        terms(token('input', { tiers: [cost('NaN')] })),
        'ledger.amount_invalid',
        'rates.0.tiers.0.amount',
      ],
      [
        'that is huge',
        terms(token('input', { tiers: [cost('1000000001')] })),
        'price.too_large',
        'rates.0.tiers.0.amount',
      ],
      [
        'finer than a pico',
        terms(token('input', { tiers: [cost('0.0000001')] })),
        'price.below_pico',
        'rates.0.tiers.0.amount',
      ],
      [
        'finer than a pico for a thousandth',
        terms({ ...token('input', { tiers: [cost('0.0000000001')] }), unit: 'second', per: 1 }),
        'price.below_pico',
        'rates.0.tiers.0.amount',
      ],
      [
        'whose last tier ends',
        terms(token('input', { tiers: [cost('1', 10)] })),
        'price.tiers_invalid',
        'rates.0.tiers.0.upTo',
      ],
      [
        'with an open tier before the last',
        terms(token('input', { tiers: [cost('1'), cost('2')] })),
        'price.tiers_invalid',
        'rates.0.tiers.0.upTo',
      ],
      [
        'whose tiers overlap',
        terms(token('input', { tiers: [cost('1', 10), cost('2', 10), cost('3')] })),
        'price.tiers_invalid',
        'rates.0.tiers.1.upTo',
      ],
      [
        'with volume tiers that rise',
        terms(token('input', { mode: 'volume', tiers: [cost('1', 10), cost('2')] })),
        'price.tiers_rise',
        'rates.0.tiers.1.amount',
      ],
      [
        'with two prices of a package',
        terms(token('input', { mode: 'package', tiers: [cost('1', 10), cost('2')] })),
        'price.tiers_invalid',
        'rates.0.tiers.1.upTo',
      ],
      ['with one rate twice', terms(token('input'), token('input')), 'price.rate_twice', 'rates.1'],
      [
        'for reading pages from a cache',
        terms({ ...token('cache_read'), unit: 'page' }),
        'price.dimension_invalid',
        'rates.0.direction',
      ],
      [
        'for tokens of a resolution',
        terms(token('input', { resolution: '720p' })),
        'price.dimension_invalid',
        'rates.0.resolution',
      ],
      [
        'for output of a kind of cache',
        terms(token('output', { cacheKind: 'explicit' })),
        'price.dimension_invalid',
        'rates.0.cacheKind',
      ],
      [
        'for reading a cache of some life',
        terms(token('cache_read', { cacheTtl: '1h' })),
        'price.dimension_invalid',
        'rates.0.cacheTtl',
      ],
      [
        'for thinking only',
        terms(token('output', { isThinking: true })),
        'price.incomplete',
        'rates.0',
      ],
      [
        'for one resolution only',
        terms({ ...token('output', { resolution: '720p' }), unit: 'image' }),
        'price.incomplete',
        'rates.0',
      ],
      [
        'for one class only',
        terms(token('input', { serviceTier: 'flex' })),
        'price.incomplete',
        'rates.0',
      ],
      [
        'of which a discount leaves nothing',
        terms(token('input', { tiers: [cost('0.000001')] })),
        'price.rounds_to_zero',
        'serviceTiers.flex.times',
      ],
      [
        'of which a class takes all',
        { ...terms(token('input')), serviceTiers: { priority: { times: '0', without: [] } } },
        'price.rounds_to_zero',
        'serviceTiers.priority.times',
      ],
      [
        'of which a region takes all',
        { ...terms(token('input', { tiers: [cost('0.000002')] })), regions: { east: '0.1' } },
        'price.rounds_to_zero',
        'regions.east',
      ],
    ];
  for (const [why, price, code, path] of cases) {
    it(`${why}: ${code}`, () => {
      const [problem] = findProblems(price);
      assert.deepEqual([problem?.code, problem?.path.join('.')], [code, path]);
      assert.throws(() => toVersionTerms(price), { code, param: path });
    });
  }

  for (const [field, value] of [
    ['unit', 'furlong'],
    ['direction', 'sideways'],
    ['mode', 'stairs'],
    ['cacheTtl', '2h'],
    ['colour', 'red'],
  ] as const) {
    it(`with the ${field} ${value}`, () => {
      const price = { rates: [{ ...token('input'), [field]: value }] };
      assert.equal(priceTermsSchema.safeParse(price).success, false);
    });
  }
});

describe('a price that thinks or does not', () => {
  it('is complete with one rate for each', () => {
    const both = terms(
      token('output', { isThinking: true }),
      token('output', { isThinking: false }),
    );
    assert.deepEqual(findProblems(both), []);
  });
});

describe('a price as people write it', () => {
  it('comes back in its one form', () => {
    fc.assert(
      fc.property(anyTerms, (written) => {
        const back = toTerms(toVersionTerms(written));

        assert.deepEqual(back, canonicalTerms(written));
        assert.deepEqual(priceTermsSchema.parse(back), back);
      }),
    );
  });
});
