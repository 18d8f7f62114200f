import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { priceInForceIn } from './price.ts';

const version = (id: string, currency: string, effectiveFromMs: number) => ({
  id,
  currency,
  effectiveFromMs,
});

describe('the price of a model', () => {
  const prices = [version('yuan', 'CNY', 0), version('dollars', 'USD', 10)];

  it('is the one in the currency of who calls', () => {
    assert.deepEqual(priceInForceIn(prices, 'CNY', 20), prices[0]);
    assert.deepEqual(priceInForceIn(prices, 'USD', 20), prices[1]);
  });

  it('is not nothing where it is said in other currencies only', () => {
    assert.equal(priceInForceIn(prices, 'USD', 9), 'elsewhere');
    assert.equal(priceInForceIn(prices, 'EUR', 20), 'elsewhere');
    assert.equal(priceInForceIn([], 'EUR', 20), null);
  });
});
