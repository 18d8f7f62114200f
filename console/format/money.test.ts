import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { averagePerMillion, formatMoney, formatMoneyShort, sumMoney } from './money.ts';

describe('formatMoney', () => {
  it('keeps every digit and at least two places', () => {
    assert.equal(formatMoney('0.000000120000', 'CNY'), '¥0.00000012');
    assert.equal(formatMoney('1250', 'CNY'), '¥1,250.00');
    assert.equal(formatMoney('1234567.100000000001', 'USD'), '$1,234,567.100000000001');
    assert.equal(formatMoney('-3.5', 'EUR'), '−€3.50');
    assert.equal(formatMoney('2', 'XAU'), 'XAU 2.00');
  });

  it('loses nothing, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (pico) => {
        const shown = formatMoney(decimalOf(pico), 'CNY');
        assert.equal(picoOf(shown.replace('−', '-').replace('¥', '').replaceAll(',', '')), pico);
      }),
    );
  });
});

describe('formatMoneyShort', () => {
  it('rounds to two places, and to two digits below a hundredth', () => {
    assert.equal(formatMoneyShort('1248.495', 'CNY'), '¥1,248.50');
    assert.equal(formatMoneyShort('999.999', 'CNY'), '¥1,000.00');
    assert.equal(formatMoneyShort('0', 'CNY'), '¥0.00');
    assert.equal(formatMoneyShort('0.000012345', 'CNY'), '¥0.000012');
    assert.equal(formatMoneyShort('0.009', 'CNY'), '¥0.009');
    assert.equal(formatMoneyShort('-0.001', 'CNY'), '−¥0.001');
  });
});

describe('sumMoney', () => {
  it('is exact where floating point is not', () => {
    assert.equal(sumMoney(['0.1', '0.2']), '0.300000000000');
    assert.equal(sumMoney(['-0.000000000001', '0']), '-0.000000000001');
    assert.equal(sumMoney([]), '0.000000000000');
  });
});

describe('averagePerMillion', () => {
  it('says what a million tokens earned', () => {
    assert.equal(averagePerMillion('2.5', 1_250_000), '2.000000000000');
    assert.equal(averagePerMillion('1', 0), null);
  });
});

function decimalOf(pico: bigint): string {
  const digits = (pico < 0n ? -pico : pico).toString().padStart(13, '0');
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

function picoOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const pico = BigInt(whole + fraction.padEnd(12, '0'));
  return decimal.startsWith('-') ? -pico : pico;
}
