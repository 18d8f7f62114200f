/** What is owed on which invoice, and what happens when it is not paid. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sum } from '#ledger/money.ts';
import { DEFAULT_DUNNING, stepReached, strictest } from './dunning.ts';
import { distribute, owedPico } from './settlement.ts';

const pico = fc.bigInt({ min: 0n, max: 10n ** 15n });
const invoices = fc.array(
  fc.record({
    payablePico: pico,
    namedPico: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 15n }),
  }),
  { maxLength: 10 },
);
const plain = (...amounts: bigint[]) =>
  amounts.map((payablePico) => ({ payablePico, namedPico: 0n }));

describe('what is owed', () => {
  it('is owed on the newest invoices, because money pays the oldest first', () => {
    assert.deepEqual(distribute(plain(100n, 50n, 30n), 60n), [0n, 30n, 30n]);
    assert.deepEqual(distribute(plain(100n, 50n, 30n), 0n), [0n, 0n, 0n]);
    assert.deepEqual(distribute(plain(100n, 50n, 30n), 180n), [100n, 50n, 30n]);
    assert.deepEqual(distribute(plain(100n, 50n), 500n), [100n, 50n]);
    assert.deepEqual(distribute(plain(100n), -5n), [0n]);
  });

  it('is paid first where a payment named its invoice', () => {
    const [old, named] = [
      { payablePico: 100n, namedPico: 0n },
      { payablePico: 50n, namedPico: 50n },
    ];
    assert.deepEqual(distribute([old, named], 100n), [100n, 0n]);
    assert.deepEqual(distribute([old, named], 150n), [100n, 50n]);
  });

  it('is never more than an invoice is over, nor less than nothing, and all of it where it fits', () => {
    fc.assert(
      fc.property(invoices, pico, (given, owed) => {
        const open = distribute(given, owed);
        const all = sum(given.map((each) => each.payablePico));
        for (const [index, each] of given.entries()) {
          const left = open[index] ?? -1n;
          assert.ok(left >= 0n && left <= each.payablePico);
        }
        assert.equal(sum(open), owed < all ? owed : all);
      }),
    );
  });

  it('leaves the usage of the open month out', () => {
    const receivablePico = 0n;
    assert.equal(owedPico({ balancePico: -85n, unbilledPico: 5n, receivablePico }), 80n);
    assert.equal(owedPico({ balancePico: -5n, unbilledPico: 5n, receivablePico }), 0n);
    assert.equal(owedPico({ balancePico: 40n, unbilledPico: 0n, receivablePico: 6n }), 6n);
  });
});

describe('dunning', () => {
  const dueAtMs = 1_000_000;
  const DAY_MS = 86_400_000;

  it('takes its steps as days go by, and none before the due date', () => {
    const at = (days: number) => stepReached(DEFAULT_DUNNING, { dueAtMs }, dueAtMs + days * DAY_MS);
    assert.deepEqual([-0.1, 0.9, 1, 6.9, 7, 29, 30, 400].map(at), [
      null,
      null,
      'warn',
      'warn',
      'restrict',
      'restrict',
      'stop',
      'stop',
    ]);
  });

  it('holds to the strictest step of any invoice', () => {
    assert.equal(strictest(['warn', 'stop', 'restrict']), 'stop');
    assert.equal(strictest([null, 'warn']), 'warn');
    assert.equal(strictest([null, null]), null);
    assert.equal(strictest([]), null);
  });
});
