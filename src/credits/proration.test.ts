/** What a change of plan costs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { prorate } from './proration.ts';

const plan = (id: string, price: string) => {
  const pricePico = parseAmount(price);
  return { id, pricePico, paidPico: pricePico };
};

describe('a change of plan', () => {
  it('gives back what is unused and charges what remains, line by line', () => {
    const { lines, duePico } = prorate({
      from: plan('small', '100'),
      to: plan('large', '400'),
      period: { startMs: 0, endMs: 30 },
      atMs: 10,
    });
    assert.deepEqual(
      lines.map(({ planId, amountPico }) => [planId, formatAmount(amountPico)]),
      [
        ['small', '-66.67'],
        ['large', '266.66'],
      ],
    );
    assert.equal(formatAmount(duePico), '199.99');
  });

  it('costs the whole difference at the start and nothing at the end', () => {
    const change = {
      from: plan('a', '9.9'),
      to: plan('b', '50'),
      period: { startMs: 5, endMs: 9 },
    };
    assert.equal(formatAmount(prorate({ ...change, atMs: 5 }).duePico), '40.1');
    assert.equal(prorate({ ...change, atMs: 9 }).duePico, 0n);
    assert.equal(prorate({ ...change, atMs: 99 }).duePico, 0n);
  });

  it('never gives back more than was paid, nor charges more than the price, and is off by less than a coin', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.integer({ min: 1, max: 3_000_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (fromPico, toPico, wholeMs, part) => {
          const atMs = Math.floor(wholeMs * part);
          const { lines, duePico } = prorate({
            from: { id: 'a', pricePico: fromPico, paidPico: fromPico },
            to: { id: 'b', pricePico: toPico },
            period: { startMs: 0, endMs: wholeMs },
            atMs,
          });
          const [unused, remaining] = lines.map(({ amountPico }) => amountPico);
          assert.ok(unused !== undefined && remaining !== undefined);
          assert.equal(unused + remaining, duePico);
          assert.ok(unused <= 0n && -unused <= fromPico);
          assert.ok(remaining >= 0n && remaining <= toPico);
          const coin = parseAmount('0.01');
          const exact = (toPico * BigInt(wholeMs - atMs)) / BigInt(wholeMs);
          assert.ok(exact - remaining < coin && exact - remaining >= 0n);
        },
      ),
    );
  });
});
