/** The least price, against what calls really cost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { leastPrice } from './least-price.ts';
import type { PriceComponent, PricedModel } from './price.ts';
import { rate } from './rate.ts';
import { PRICE_TIERS, priceOfTier } from './tier.ts';

const component = (change: Partial<PriceComponent>): PriceComponent => ({
  unit: 'token',
  direction: 'input',
  amountPico: '4000000',
  perUnits: 1_000_000,
  ...change,
});

const version = (...components: PriceComponent[]): PricedModel => ({
  priceId: 'prc',
  modelId: 'mdl',
  currency: 'CNY',
  effectiveFromMs: 0,
  components,
});

describe('the least price', () => {
  it('is that of the cheapest direction in the cheapest class, free ones left out', () => {
    const price = version(
      component({}),
      component({ direction: 'cache_read', amountPico: '0' }),
      component({ direction: 'output', amountPico: '16000000' }),
    );
    assert.deepEqual(leastPrice(price), { unit: 'token', unitPico: 2n });
  });

  it('is unknown where calls cost more than one unit, or packages', () => {
    const request = component({ unit: 'request', amountPico: '5', perUnits: 1 });
    assert.equal(leastPrice(version(component({}), request)), null);
    assert.equal(leastPrice(version(component({ mode: 'package' }))), null);
    assert.equal(leastPrice(version()), null);
  });

  it('is never more than a unit of any call costs', () => {
    const count = fc.integer({ min: 0, max: 100_000 });
    const pico = fc.integer({ min: 0, max: 40 }).map((each) => (each * 1_000_000).toString());
    fc.assert(
      fc.property(
        fc.record({ input: pico, cacheRead: pico, output: pico }),
        fc.record({
          input: count,
          cacheRead: count,
          cacheWrite: count,
          output: count,
          reasoning: count,
        }),
        fc.constantFrom(...PRICE_TIERS),
        (amounts, used, tier) => {
          const price = version(
            component({ amountPico: amounts.input }),
            component({ direction: 'cache_read', amountPico: amounts.cacheRead }),
            component({ direction: 'output', amountPico: amounts.output }),
          );
          const least = leastPrice(price);
          if (least === null) return;
          for (const { units, amountPico } of rate(used, priceOfTier(price, tier)).lines) {
            if (amountPico > 0n) assert.ok(amountPico >= least.unitPico * BigInt(units));
          }
        },
      ),
    );
  });
});
