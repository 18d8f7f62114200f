import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { toComponents, toPerMillion } from './per-million.ts';
import { type PricedModel, priceInForce } from './price.ts';
import type { Quantities } from './quantities.ts';
import { rate } from './rate.ts';
import { worstCase } from './worst-case.ts';

/** A price as people write it: up to six places, as a count of millionths. */
const millionths = fc.bigInt(0n, 10n ** 12n);
const perMillion = fc.record({
  inputPerMillion: millionths.map(asDecimal),
  cacheReadPerMillion: fc.option(millionths.map(asDecimal)),
  outputPerMillion: millionths.map(asDecimal),
  reasoningPerMillion: fc.option(millionths.map(asDecimal)),
});
const tokens = fc.nat(2_000_000);
const quantities: fc.Arbitrary<Quantities> = fc.record({
  input: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  output: tokens,
  reasoning: tokens,
});

describe('rating', () => {
  it('equals a naive model over rational numbers', () => {
    fc.assert(
      fc.property(perMillion, quantities, (price, used) => {
        const rated = rate(used, priced(price));

        const expected = naive(price, used);
        // amount / 10^12 = numerator / denominator, compared without dividing.
        assert.equal(rated.amountPico * expected.denominator, expected.numerator * 10n ** 12n);
        assert.equal(
          rated.amountPico,
          rated.lines.reduce((total, line) => total + line.amountPico, 0n),
        );
      }),
    );
  });

  it('never exceeds what admission set aside for as many tokens', () => {
    fc.assert(
      fc.property(perMillion, quantities, (price, used) => {
        const held = worstCase(
          priced(price),
          used.input + used.cacheRead + used.cacheWrite,
          used.output + used.reasoning,
        );

        assert.ok(rate(used, priced(price)).amountPico <= held);
      }),
    );
  });

  it('bills the published examples to the last digit', () => {
    const price = priced({
      inputPerMillion: '2.5',
      cacheReadPerMillion: '0.5',
      outputPerMillion: '10',
      reasoningPerMillion: null,
    });
    const used = { input: 1000, cacheRead: 24_000, cacheWrite: 0, output: 321, reasoning: 79 };

    const rated = rate(used, price);

    assert.equal(formatAmount(rated.amountPico), '0.0185');
    assert.deepEqual(
      rated.lines.map(({ direction, chargedAs, units }) => [direction, chargedAs, units]),
      [
        ['input', 'input', 1000],
        ['cache_read', 'cache_read', 24_000],
        ['output', 'output', 321],
        ['reasoning', 'output', 79],
      ],
    );
  });

  it('charges nothing for nothing', () => {
    const none = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

    assert.deepEqual(rate(none, priced(ONE)), { lines: [], amountPico: 0n });
  });
});

const ONE = {
  inputPerMillion: '1',
  cacheReadPerMillion: null,
  outputPerMillion: '1',
  reasoningPerMillion: null,
};

describe('a price as people write it', () => {
  it('comes back the same', () => {
    fc.assert(
      fc.property(perMillion, (price) => {
        assert.deepEqual(toPerMillion(toComponents(price)), { ...price });
      }),
    );
  });

  for (const [text, code] of [
    ['-1', 'price.negative'],
    ['0.0000001', 'price.below_pico'],
    ['1000000000.000001', 'price.too_large'],
    ['1e3', 'ledger.amount_invalid'],
    ['NaN', 'ledger.amount_invalid'],
  ] as const) {
    it(`is refused with ${code} when it is ${text}`, () => {
      assert.throws(() => toComponents({ ...ONE, outputPerMillion: text }), { code });
    });
  }
});

describe('the price in force', () => {
  it('is the latest version that has begun, whatever order they come in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { maxLength: 8 }), fc.nat(1100), (starts, atMs) => {
        const prices = starts.map((effectiveFromMs) => ({ ...priced(ONE), effectiveFromMs }));

        const found = priceInForce(prices, atMs)?.effectiveFromMs ?? null;

        const begun = starts.filter((start) => start <= atMs);
        assert.equal(found, begun.length === 0 ? null : Math.max(...begun));
      }),
    );
  });
});

type Written = Parameters<typeof toComponents>[0];

function priced(price: Written): PricedModel {
  return {
    priceId: 'prc_1',
    modelId: 'mdl_1',
    currency: 'CNY',
    effectiveFromMs: 0,
    components: toComponents(price),
  };
}

/** Σ price × tokens / 1,000,000 as a fraction, from the decimal texts alone. */
function naive(price: Written, used: Quantities): { numerator: bigint; denominator: bigint } {
  const line = (text: string, units: number): bigint => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(6, '0')) * BigInt(units);
  };
  const numerator =
    line(price.inputPerMillion, used.input + used.cacheWrite) +
    line(price.cacheReadPerMillion ?? price.inputPerMillion, used.cacheRead) +
    line(price.outputPerMillion, used.output) +
    line(price.reasoningPerMillion ?? price.outputPerMillion, used.reasoning);
  return { numerator, denominator: 10n ** 12n };
}

function asDecimal(value: bigint): string {
  return formatAmount(value * parseAmount('0.000001'));
}
