import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PICO_MAX, assertAmountFits, formatAmount, parseAmount, parsePico } from './money.ts';

const amounts = fc.bigInt({ min: -PICO_MAX, max: PICO_MAX });

describe('amounts as text', () => {
  it('parse back to exactly what was formatted', () => {
    fc.assert(fc.property(amounts, (pico) => parseAmount(formatAmount(pico)) === pico));
  });

  it('are the shortest form: no trailing zeros, no bare point, no minus zero', () => {
    fc.assert(
      fc.property(amounts, (pico) => {
        const text = formatAmount(pico);
        assert.match(text, /^-?\d+(\.\d*[1-9])?$/);
        assert.notEqual(text, '-0');
      }),
    );
  });

  it('agree with long division by a naive rational model', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 26n - 1n),
        fc.stringMatching(/^\d{1,12}$/),
        (whole, part) => {
          const scale = 10n ** BigInt(part.length);
          const numerator = (whole * scale + BigInt(part)) * 10n ** 12n;

          assert.equal(parseAmount(`${whole}.${part}`) * scale, numerator);
        },
      ),
    );
  });

  it('keep the examples of the price lists', () => {
    assert.equal(formatAmount(0n), '0');
    assert.equal(formatAmount(1n), '0.000000000001');
    assert.equal(formatAmount(-1_500_000_000_000n), '-1.5');
    assert.equal(parseAmount('0.0025'), 2_500_000_000n);
    assert.equal(parseAmount('007'), 7_000_000_000_000n);
  });

  for (const text of [
    '',
    '-',
    '1.',
    '.5',
    '1e3',
    'NaN',
    'Infinity',
    '+1',
    '1,5',
    ' 1',
    '0x1',
    '١',
    '0.0000000000001',
    '9'.repeat(27),
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseAmount(text), { code: 'ledger.amount_invalid' });
    });
  }
});

describe('amounts in pico', () => {
  it('read whole numbers only', () => {
    assert.equal(parsePico('-12'), -12n);
    for (const text of ['1.0', '', '1e3', '9'.repeat(39)]) {
      assert.throws(() => parsePico(text), { code: 'ledger.amount_invalid' });
    }
  });

  it('refuse what the database could not hold', () => {
    assert.throws(() => assertAmountFits(PICO_MAX + 1n), { code: 'ledger.amount_too_large' });
    assertAmountFits(-PICO_MAX);
  });
});
