import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEW_PRICE, formOfItem, itemOfForm } from './price-form.ts';

const ITEM = {
  model: 'me/one',
  currency: 'CNY' as const,
  effectiveFrom: '2030-06-01T08:30:00.000Z',
  terms: {
    rates: [
      {
        unit: 'token' as const,
        direction: 'output' as const,
        isThinking: true,
        mode: 'graduated' as const,
        per: 1_000_000,
        tiers: [
          { upTo: 32_000, amount: '0.5' },
          { upTo: null, amount: '0.25' },
        ],
      },
      {
        unit: 'token' as const,
        direction: 'cache_write' as const,
        cacheKind: 'explicit' as const,
        cacheTtl: '1h' as const,
        mode: 'whole_request' as const,
        per: 1000,
        tiers: [{ upTo: null, amount: '1' }],
      },
      {
        unit: 'image' as const,
        direction: 'output' as const,
        serviceTier: 'flex' as const,
        resolution: '720p',
        mode: 'package' as const,
        per: 100,
        tiers: [{ upTo: null, amount: '9' }],
      },
    ],
    serviceTiers: { batch: { times: '0.4', without: ['cache_read' as const] } },
    regions: { west: '1.1' },
  },
};

describe('the form of a price', () => {
  it('gives back what it was given', () => {
    assert.deepEqual(itemOfForm(formOfItem(ITEM)), ITEM);
  });

  it('leaves out what the unit and direction do not have', () => {
    const [rate] = NEW_PRICE.rates;
    assert.ok(rate);
    const odd = { ...rate, isThinking: 'yes', cacheTtl: '1h', resolution: '720p' } as const;
    const page = { ...odd, unit: 'page' } as const;

    const { terms } = itemOfForm({ ...NEW_PRICE, rates: [odd, page] });

    assert.deepEqual(
      terms.rates.map(({ isThinking, cacheTtl, resolution }) => [isThinking, cacheTtl, resolution]),
      [
        [true, undefined, undefined],
        [undefined, undefined, undefined],
      ],
    );
  });
});
