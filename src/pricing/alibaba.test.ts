/** What another cloud publishes of its prices, billed to the last digit. Amounts are per thousand tokens, as published. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAmount } from '#ledger/money.ts';
import type { PriceRate } from './api.ts';
import type { Quantities } from './quantities.ts';
import { rate } from './rate.ts';
import { pricedBy } from './terms-fixture.ts';
import { type PriceTier, priceOfTier } from './tier.ts';
import { worstCase } from './worst-case.ts';

type Tiers = readonly (readonly [upTo: number | null, amount: string])[];
type When = Pick<PriceRate, 'isThinking' | 'cacheKind'>;

const perThousand = (
  direction: PriceRate['direction'],
  tiers: Tiers,
  when: When = {},
): PriceRate => ({
  unit: 'token',
  direction,
  ...when,
  mode: 'whole_request',
  per: 1_000,
  tiers: tiers.map(([upTo, amount]) => ({ upTo, amount })),
});

const K = 1_000;
const only = (amount: string): Tiers => [[null, amount]];
const priced = (...rates: PriceRate[]) => pricedBy({ rates, serviceTiers: {}, regions: {} });
const NONE = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

function bill(
  price: ReturnType<typeof priced>,
  used: Partial<Quantities>,
  tier: PriceTier = 'default',
): string {
  return formatAmount(rate({ ...NONE, ...used }, priceOfTier(price, tier)).amountPico);
}

describe('context tiers of qwen3-max', () => {
  const price = priced(
    perThousand('input', [
      [32 * K, '0.0025'],
      [128 * K, '0.004'],
      [null, '0.007'],
    ]),
    perThousand('output', [
      [32 * K, '0.01'],
      [128 * K, '0.016'],
      [null, '0.028'],
    ]),
  );

  for (const [input, output, amount] of [
    [1_000, 1_000, '0.0125'],
    [32_000, 1_000, '0.09'],
    [32_001, 1_000, '0.144004'],
    [128_000, 2_000, '0.544'],
    [128_001, 2_000, '0.952007'],
    [256_000, 8_000, '2.016'],
  ] as const) {
    it(`bill ${input} in and ${output} out at one tier: ${amount}`, () => {
      assert.equal(bill(price, { input, output }), amount);
    });
  }

  it('are chosen by all input, cached too, and by nothing of the output', () => {
    assert.equal(bill(price, { input: 8_000, cacheRead: 24_001, output: 100 }), '0.129604');
    assert.equal(bill(price, { input: 100, output: 60_000, reasoning: 4_000 }), '0.64025');
  });

  it('hold the dearest class that the request can reach', () => {
    assert.equal(formatAmount(worstCase(price, 32_000, 1_000)), '0.09');
    assert.equal(formatAmount(worstCase(price, 40_000, 1_000)), '0.176');
  });
});

describe('thinking of qwen-plus', () => {
  const price = priced(
    perThousand('input', [
      [128 * K, '0.0008'],
      [256 * K, '0.0024'],
      [null, '0.0048'],
    ]),
    perThousand(
      'output',
      [
        [128 * K, '0.002'],
        [256 * K, '0.02'],
        [null, '0.048'],
      ],
      { isThinking: false },
    ),
    perThousand(
      'output',
      [
        [128 * K, '0.008'],
        [256 * K, '0.024'],
        [null, '0.064'],
      ],
      { isThinking: true },
    ),
  );
  const attributes = { isThinking: true };

  it('is another price of the whole output, of the answer too', () => {
    assert.equal(bill(price, { input: 1_000, output: 500 }), '0.0018');
    assert.equal(bill(price, { input: 1_000, output: 200, reasoning: 300, attributes }), '0.0048');
  });

  it('has context tiers of its own', () => {
    assert.equal(bill(price, { input: 200_000, output: 1_000 }), '0.5');
    assert.equal(bill(price, { input: 200_000, output: 1_000, attributes }), '0.504');
    assert.equal(bill(price, { input: 900_000, output: 1_000, attributes }), '4.384');
  });

  it('is held for where nobody knows whether it will think', () => {
    const plain = worstCase(price, 1_000, 500, { attributes: { isThinking: false } });
    assert.equal(formatAmount(plain), '0.0018');
    assert.equal(formatAmount(worstCase(price, 1_000, 500)), '0.0048');
  });
});

describe('caches and batches', () => {
  // Input 0.8 a million: an implicit hit is 20 % of it, explicit creation 125 % and a hit 10 %.
  const price = priced(
    perThousand('input', only('0.0008')),
    perThousand('output', only('0.002')),
    perThousand('cache_read', only('0.00016'), { cacheKind: 'implicit' }),
    perThousand('cache_read', only('0.00008'), { cacheKind: 'explicit' }),
    perThousand('cache_write', only('0.0008'), { cacheKind: 'implicit' }),
    perThousand('cache_write', only('0.001'), { cacheKind: 'explicit' }),
  );
  const explicit = { cacheKind: 'explicit' } as const;

  it('take 20 % for an implicit hit, and what made the cache is plain input', () => {
    assert.equal(bill(price, { input: 1_000, cacheRead: 9_000, output: 100 }), '0.00244');
    assert.equal(bill(price, { input: 1_000, cacheWrite: 9_000, output: 100 }), '0.0082');
  });

  it('take 125 % for making an explicit cache and 10 % for a hit', () => {
    const made = { input: 1_000, cacheWrite: 9_000, output: 100, attributes: explicit };
    const hit = { input: 1_000, cacheRead: 9_000, output: 100, attributes: explicit };
    assert.equal(bill(price, made), '0.01');
    assert.equal(bill(price, hit), '0.00172');
  });

  it('take half of everything in a batch, and give no discount for a cache there', () => {
    const used = { input: 1_000, cacheRead: 9_000, output: 100 };
    assert.equal(bill(price, used, 'batch'), '0.0041');
    assert.equal(bill(price, { input: 10_000, output: 100 }, 'batch'), '0.0041');
    assert.equal(bill(price, { ...used, attributes: explicit }, 'batch'), '0.0041');
  });

  it('hold what making the dearest cache would cost', () => {
    assert.equal(formatAmount(worstCase(price, 10_000, 100)), '0.0102');
    const batch = priceOfTier(price, 'batch');
    assert.equal(formatAmount(worstCase(batch, 10_000, 100)), '0.0041');
  });
});

describe('media', () => {
  const price = priced(
    {
      unit: 'image',
      direction: 'output',
      mode: 'whole_request',
      per: 1,
      tiers: [{ upTo: null, amount: '0.14' }],
    },
    {
      unit: 'second',
      direction: 'input',
      mode: 'whole_request',
      per: 1,
      tiers: [{ upTo: null, amount: '0.00024' }],
    },
    {
      unit: 'character',
      direction: 'input',
      mode: 'whole_request',
      per: 10_000,
      tiers: [{ upTo: null, amount: '2' }],
    },
    {
      unit: 'video_second',
      direction: 'output',
      mode: 'whole_request',
      per: 1,
      tiers: [{ upTo: null, amount: '0.9' }],
    },
    {
      unit: 'video_second',
      direction: 'output',
      resolution: '480p',
      mode: 'whole_request',
      per: 1,
      tiers: [{ upTo: null, amount: '0.3' }],
    },
  );
  const made = (unit: 'image' | 'video_second', count: number) => ({
    unit,
    direction: 'output' as const,
    count,
  });
  const heard = (unit: 'second' | 'character', count: number) => ({
    unit,
    direction: 'input' as const,
    count,
  });

  it('is billed by the image, the thousandth of a second and the character that were delivered', () => {
    assert.equal(bill(price, { units: [made('image', 3)] }), '0.42');
    assert.equal(bill(price, { units: [heard('second', 12_345)] }), '0.0029628');
    assert.equal(bill(price, { units: [heard('character', 57)] }), '0.0114');
  });

  it('is billed by resolution, and at the usual price for one that has none of its own', () => {
    const five = { units: [made('video_second', 5_000)] };
    assert.equal(bill(price, { ...five, attributes: { resolution: '480p' } }), '1.5');
    assert.equal(bill(price, { ...five, attributes: { resolution: '720p' } }), '4.5');
    assert.equal(bill(price, five), '4.5');
  });
});
