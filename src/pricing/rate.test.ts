import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PriceTerms } from './api.ts';
import { findProblems } from './check.ts';
import { naiveMonth } from './naive.ts';
import type { PricedModel, Rated } from './price.ts';
import { type Quantities, inputTokensOf, outputTokensOf } from './quantities.ts';
import { chargesOf, rate } from './rate.ts';
import { anyQuantities, anyTerms, anyTier, pricedBy } from './terms-fixture.ts';
import { type PriceTier, priceOfTier } from './tier.ts';
import { worstCase } from './worst-case.ts';

type Request = Readonly<{ used: Quantities; tier: PriceTier }>;

describe('any price', () => {
  it('passes the checks', () => {
    fc.assert(fc.property(anyTerms, (terms) => assert.deepEqual(findProblems(terms), [])));
  });

  it('rates a month as a naive model over fractions does, in whatever order its requests come', () => {
    const month = fc.array(fc.record({ used: anyQuantities, tier: anyTier }), { maxLength: 8 });
    fc.assert(
      fc.property(anyTerms, month, fc.nat(), (terms, requests, turn) => {
        const turned = [...requests.slice(turn % 8), ...requests.slice(0, turn % 8)];

        const rated = rateMonth(terms, requests);
        const other = rateMonth(terms, turned);

        assert.equal(total(rated), naiveMonth(terms, requests));
        assert.equal(total(other), total(rated));
      }),
      { numRuns: 400 },
    );
  });

  it('gives lines whose price times number is their amount, and which cover what was used', () => {
    fc.assert(
      fc.property(anyTerms, anyQuantities, anyTier, (terms, used, tier) => {
        const price = priceOfTier(pricedBy(terms), tier);
        const { lines, amountPico } = rate(used, price, new Map());

        for (const line of lines) {
          assert.equal(line.eachPico * BigInt(line.priced), line.amountPico);
          assert.ok(line.amountPico >= 0n);
        }
        assert.equal(
          lines.reduce((sum, line) => sum + line.amountPico, 0n),
          amountPico,
        );
        const priced = chargesOf(used, price).reduce((sum, { count }) => sum + count, 0);
        assert.equal(
          lines.reduce((sum, { units }) => sum + units, 0),
          priced,
        );
      }),
    );
  });

  it('never costs more than was held, wherever in the month a request falls', () => {
    const before = fc.bigInt(0n, 3_000_000n);
    fc.assert(
      fc.property(
        anyTerms,
        anyQuantities,
        anyTier,
        before,
        fc.boolean(),
        (terms, used, tier, from, isKnown) => {
          const price = priceOfTier(pricedBy(terms), tier);
          const keys = chargesOf(used, price).map(
            ({ rate: { position } }) => [position, from] as const,
          );
          const attributes = isKnown ? (used.attributes ?? {}) : {};
          const held = worstCase(price, inputTokensOf(used), outputTokensOf(used), {
            units: used.units,
            attributes,
          });

          const most = rate(used, price).amountPico;

          assert.ok(rate(used, price, new Map(keys)).amountPico <= most);
          assert.ok(most <= held, `${most} is held with ${held}`);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('holds at least as much for a larger request', () => {
    const tokens = fc.nat(5_000);
    fc.assert(
      fc.property(
        anyTerms,
        tokens,
        tokens,
        tokens,
        tokens,
        (terms, input, more, output, longer) => {
          const price = pricedBy(terms);

          assert.ok(
            worstCase(price, input, output) <= worstCase(price, input + more, output + longer),
          );
        },
      ),
    );
  });
});

describe('volume tiers', () => {
  const terms = tiered('volume', [
    { upTo: 100, amount: '3' },
    { upTo: null, amount: '2' },
  ]);

  it('charge a month at the tier its total reaches', () => {
    assert.equal(total(rateMonth(terms, [ask(60), ask(90)])), 150n * 2n * PICO);
  });

  it('never charge more than a larger month costs, so nothing is paid back', () => {
    // 80 at 3 would be 240; 101 at 2 are 202.
    assert.equal(total(rateMonth(terms, [ask(80)])), 202n * PICO);
    const steps = rateMonth(terms, [ask(60), ask(20), ask(20), ask(1), ask(9)]);
    assert.deepEqual(
      steps.map(({ amountPico }) => amountPico / PICO),
      [180n, 22n, 0n, 0n, 18n],
    );
  });
});

describe('packages', () => {
  it('are charged when they are begun, once in a month', () => {
    const terms = tiered('package', [{ upTo: null, amount: '5' }], 100);

    const rated = rateMonth(terms, [ask(60), ask(40), ask(1), ask(250)]);

    assert.deepEqual(
      rated.map(({ amountPico }) => amountPico / PICO),
      [5n, 0n, 5n, 10n],
    );
  });
});

describe('graduated tiers', () => {
  it('give a line for each tier that a request leads through', () => {
    const terms = tiered('graduated', [
      { upTo: 100, amount: '3' },
      { upTo: 200, amount: '2' },
      { upTo: null, amount: '1' },
    ]);

    const [, second] = rateMonth(terms, [ask(50), ask(200)]);

    assert.deepEqual(
      second?.lines.map(({ upTo, units, amountPico }) => [upTo, units, amountPico / PICO]),
      [
        [100, 50, 150n],
        [200, 100, 200n],
        [null, 50, 50n],
      ],
    );
  });
});

const PICO = 10n ** 12n;

function tiered(
  mode: 'graduated' | 'volume' | 'package',
  tiers: PriceTerms['rates'][number]['tiers'],
  per = 1,
): PriceTerms {
  const rates = [{ unit: 'image' as const, direction: 'output' as const, mode, per, tiers }];
  return { rates, serviceTiers: {}, regions: {} };
}

function ask(images: number): Request {
  const none = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
  const units = [{ unit: 'image' as const, direction: 'output' as const, count: images }];
  return { used: { ...none, units }, tier: 'default' };
}

/** Keeps the positions as the store does. */
function rateMonth(terms: PriceTerms, requests: readonly Request[]): readonly Rated[] {
  const version = pricedBy(terms);
  const used = new Map<string, bigint>();
  return requests.map((request) => {
    const price: PricedModel = priceOfTier(version, request.tier);
    const rated = rate(request.used, price, new Map(used));
    for (const { count, rate: by } of chargesOf(request.used, price)) {
      used.set(by.position, (used.get(by.position) ?? 0n) + BigInt(count));
    }
    return rated;
  });
}

function total(rated: readonly Rated[]): bigint {
  return rated.reduce((sum, { amountPico }) => sum + amountPico, 0n);
}
