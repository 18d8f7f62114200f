/** Rounding, tax and statements: exact against rational numbers, and sums that always meet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAmount, sum } from '#ledger/money.ts';
import { formatNumber, parseNumber, seriesOf } from './number.ts';
import { coinPico, divideHalfEven, formatCoins, minorDigitsOf, roundHalfEven } from './rounding.ts';
import { createStatement, isEmpty } from './statement.ts';
import { type TaxRate, formatRate, rateInForce, taxOn } from './tax.ts';
import { lineOf } from './invoices-fixture.ts';
import type { Source } from './usage-lines.ts';

const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const positive = fc.bigInt({ min: 0n, max: 10n ** 17n });
const digits = fc.constantFrom(0, 2, 3);

describe('rounding', () => {
  it('goes to the nearest coin, and to the even one of two', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['0.005', '0.00'],
      ['0.015', '0.02'],
      ['0.025', '0.02'],
      ['0.025000000001', '0.03'],
      ['0.014999999999', '0.01'],
      ['-0.015', '-0.02'],
      ['-0.005', '0.00'],
      ['12.345', '12.34'],
      ['12.355', '12.36'],
    ];
    for (const [exact, rounded] of cases) {
      assert.equal(formatCoins(roundHalfEven(parseAmount(exact), 2), 2), rounded, exact);
    }
  });

  it('is never more than half a coin away, and symmetrical', () => {
    fc.assert(
      fc.property(amount, digits, (pico, minorDigits) => {
        const coin = coinPico(minorDigits);
        const rounded = roundHalfEven(pico, minorDigits);
        assert.equal(rounded % coin, 0n);
        const off = rounded > pico ? rounded - pico : pico - rounded;
        assert.ok(off * 2n <= coin);
        if (off * 2n === coin) assert.equal((rounded / coin) % 2n, 0n);
        assert.equal(roundHalfEven(-pico, minorDigits), -rounded);
      }),
    );
  });

  it('knows the coins of a currency', () => {
    assert.deepEqual(['CNY', 'USD', 'JPY', 'KWD'].map(minorDigitsOf), [2, 2, 0, 3]);
  });

  it('divides as rational numbers do', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 1n, max: 10n ** 12n }), (numerator, denominator) => {
        const quotient = divideHalfEven(numerator, denominator);
        const rest = numerator - quotient * denominator;
        assert.ok(2n * (rest < 0n ? -rest : rest) <= denominator);
      }),
    );
  });
});

const vat = (changes: Partial<TaxRate> = {}): TaxRate => ({
  effectiveFromMs: 0,
  name: 'VAT',
  mode: 'exclusive',
  ratePpm: 60_000,
  reason: '',
  ...changes,
});

describe('tax', () => {
  it('is added where it is exclusive, contained where it is inclusive, and none where exempt', () => {
    const of = (rate: TaxRate | null) => {
      const { netPico, taxPico, totalPico } = taxOn(parseAmount('106'), rate, 2);
      return [netPico, taxPico, totalPico].map((pico) => formatCoins(pico, 2));
    };
    assert.deepEqual(of(vat()), ['106.00', '6.36', '112.36']);
    assert.deepEqual(of(vat({ mode: 'inclusive' })), ['100.00', '6.00', '106.00']);
    assert.deepEqual(of(vat({ mode: 'exempt', ratePpm: 0 })), ['106.00', '0.00', '106.00']);
    assert.deepEqual(of(null), ['106.00', '0.00', '106.00']);
  });

  it('makes net and tax sum to the total in whole coins', () => {
    const rate = fc.record({
      ratePpm: fc.integer({ min: 0, max: 1_000_000 }),
      mode: fc.constantFrom('exclusive' as const, 'inclusive' as const),
    });
    fc.assert(
      fc.property(positive, rate, digits, (pico, changes, minorDigits) => {
        const rounded = roundHalfEven(pico, minorDigits);
        const { netPico, taxPico, totalPico } = taxOn(rounded, vat(changes), minorDigits);
        assert.equal(netPico + taxPico, totalPico);
        assert.equal(taxPico % coinPico(minorDigits), 0n);
        assert.equal(changes.mode === 'inclusive' ? totalPico : netPico, rounded);
        assert.ok(netPico >= 0n && taxPico >= 0n);
      }),
    );
  });

  it('has the rate that began last, in whatever order they are given', () => {
    const rates = [
      vat({ effectiveFromMs: 20 }),
      vat({ effectiveFromMs: 10 }),
      vat({ effectiveFromMs: 30 }),
    ];
    assert.equal(rateInForce(rates, 9), null);
    assert.equal(rateInForce(rates, 10)?.effectiveFromMs, 10);
    assert.equal(rateInForce(rates, 29)?.effectiveFromMs, 20);
    assert.equal(formatRate(60_000), '6%');
    assert.equal(formatRate(82_500), '8.25%');
    assert.equal(formatRate(1), '0.0001%');
  });
});

const sourceNames: readonly Source[] = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'];

/** Lines, and sources that pay for just those. */
const usage = fc
  .record({
    lines: fc.array(
      fc.record({
        eachPico: fc.bigInt({ min: 1n, max: 10n ** 11n }),
        priced: fc.bigInt({ min: 1n, max: 10n ** 7n }),
      }),
      { maxLength: 12 },
    ),
    cuts: fc.array(fc.tuple(fc.constantFrom(...sourceNames), fc.nat(100)), { maxLength: 6 }),
    rest: fc.constantFrom(...sourceNames),
  })
  .map(({ lines, cuts, rest }) => {
    const made = lines.map((changes) => lineOf({ ...changes, units: changes.priced }));
    let left = sum(made.map((line) => line.amountPico));
    const sources = cuts.map(([source, percent], index) => {
      const amountPico = (left * BigInt(percent)) / 100n;
      left -= amountPico;
      return { source, sourceId: source === 'cash' ? null : `src_${index}`, amountPico };
    });
    return {
      lines: made,
      sources: [...sources, { source: rest, sourceId: 'last', amountPico: left }],
    };
  });

describe('a statement', () => {
  it('charges what is drawn in cash, to within a coin a line, and never less than nothing', () => {
    fc.assert(
      fc.property(usage, digits, (given, minorDigits) => {
        const statement = createStatement({
          currency: 'CNY',
          minorDigits,
          usage: given,
          purchases: [],
          taxRate: null,
        });
        const coin = coinPico(minorDigits);
        assert.equal(statement.chargedPico + statement.roundingPico, statement.drawnPico);
        assert.equal(statement.usagePico - statement.deductedPico, statement.chargedPico);
        assert.ok(statement.chargedPico >= 0n);
        assert.ok(statement.deductions.every(({ amountPico }) => amountPico >= 0n));
        if (statement.drawnPico === 0n) assert.equal(statement.chargedPico, 0n);
        const parts = BigInt(statement.lines.length + statement.deductions.length);
        const off = statement.roundingPico < 0n ? -statement.roundingPico : statement.roundingPico;
        assert.ok(off <= parts * coin, `${off} of ${parts} parts`);
      }),
    );
  });

  it('is the same in whatever order lines and sources come', () => {
    fc.assert(
      fc.property(usage, (given) => {
        const of = (each: typeof given) =>
          createStatement({
            currency: 'CNY',
            minorDigits: 2,
            usage: each,
            purchases: [],
            taxRate: null,
          });
        const turned = { lines: given.lines.toReversed(), sources: given.sources.toReversed() };
        const flat = (value: unknown) =>
          JSON.stringify(value, (_key, each: unknown) =>
            typeof each === 'bigint' ? `${each}` : each,
          );
        assert.equal(flat(of(turned).chargedPico), flat(of(given).chargedPico));
        assert.equal(flat(of(turned).deductions), flat(of(given).deductions));
      }),
    );
  });

  it('leaves no coin over where a grant paid for many small lines', () => {
    const lines = Array.from({ length: 3 }, (_, index) =>
      lineOf({ rate: `r${index}`, eachPico: 5_000_000_000n, priced: 1n, units: 1n }),
    );
    const statement = createStatement({
      currency: 'CNY',
      minorDigits: 2,
      usage: {
        lines,
        sources: [{ source: 'grant', sourceId: 'grt_1', amountPico: 15_000_000_000n }],
      },
      purchases: [],
      taxRate: null,
    });
    assert.equal(statement.chargedPico, 0n);
    assert.equal(statement.deductedPico, statement.usagePico);
  });

  it('of nothing is empty, and refuses sources that do not pay for its lines', () => {
    const nothing = { lines: [], sources: [] };
    const input = { currency: 'CNY', minorDigits: 2, purchases: [], taxRate: null };
    assert.ok(isEmpty(createStatement({ ...input, usage: nothing })));
    assert.throws(() => createStatement({ ...input, usage: { lines: [lineOf()], sources: [] } }));
  });
});

describe('a number', () => {
  it('names its kind, year and place', () => {
    assert.equal(formatNumber(seriesOf('invoice', '2026-12-01'), 42), 'INV-2026-000042');
    assert.equal(
      formatNumber(seriesOf('credit_note', '2027-01-01'), 1_234_567),
      'CRN-2027-1234567',
    );
    assert.deepEqual(parseNumber('INV-2026-000042'), { series: 'INV-2026', position: 42 });
    assert.equal(parseNumber('INV-2026-42x'), null);
  });
});
