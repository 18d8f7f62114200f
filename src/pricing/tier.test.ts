import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toComponents } from './per-million.ts';
import type { PricedModel } from './price.ts';
import { rate } from './rate.ts';
import { priceOfTier } from './tier.ts';
import { worstCase } from './worst-case.ts';

const priceOf = (inputPerMillion: string, cached: string | null, output: string): PricedModel => ({
  priceId: 'prc',
  modelId: 'mdl',
  currency: 'CNY',
  effectiveFromMs: 0,
  components: toComponents({
    inputPerMillion,
    cacheReadPerMillion: cached,
    outputPerMillion: output,
    reasoningPerMillion: null,
  }),
});

const usage = { input: 1_000, cacheRead: 500, cacheWrite: 0, output: 200, reasoning: 100 };

describe('the classes of a call', () => {
  it('cost half for flex and twice for priority, what came from a cache too', () => {
    const price = priceOf('0.3', '0.03', '1.2');
    const usual = rate(usage, price).amountPico;

    assert.equal(rate(usage, priceOfTier(price, 'default')).amountPico, usual);
    assert.equal(rate(usage, priceOfTier(price, 'flex')).amountPico * 2n, usual);
    assert.equal(rate(usage, priceOfTier(price, 'priority')).amountPico, usual * 2n);
  });

  it('hold what they may cost', () => {
    const price = priceOf('0.3', null, '1.2');
    const held = worstCase(priceOfTier(price, 'priority'), 100, 100);
    assert.equal(held, worstCase(price, 100, 100) * 2n);
  });
});

describe('the class of a batch', () => {
  it('costs exactly half, and gives no discount for what came from a cache', () => {
    const price = priceOf('0.3', '0.03', '1.2');
    const full = rate({ ...usage, input: 1_500, cacheRead: 0 }, price).amountPico;

    assert.equal(rate(usage, priceOfTier(price, 'batch')).amountPico * 2n, full);
  });

  it('drops the half pico of an odd price at the token, never at the bill', () => {
    const price = priceOfTier(priceOf('0.000003', null, '0'), 'batch');

    assert.equal(rate({ ...usage, cacheRead: 0 }, price).amountPico, 1_000n);
  });

  it('never costs more than half, nor a pico per token less, nor more than is held', () => {
    const units = fc.integer({ min: 0, max: 1_000_000 });
    const micro = fc.integer({ min: 0, max: 50_000_000 }).map((value) => (value / 1e6).toFixed(6));
    fc.assert(
      fc.property(units, units, micro, micro, (input, output, inputPrice, outputPrice) => {
        const price = priceOf(inputPrice, null, outputPrice);
        const half = priceOfTier(price, 'batch');
        const used = { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
        const [whole, halved] = [rate(used, price).amountPico, rate(used, half).amountPico];
        assert.ok(halved * 2n <= whole && whole - halved * 2n <= BigInt(input + output));
        assert.ok(halved <= worstCase(half, input, output));
      }),
    );
  });

  it('is the version itself where the class changes nothing', () => {
    const price = priceOf('0.3', '0.03', '1.2');
    assert.equal(priceOfTier(price, 'default'), price);
  });
});
