import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { fromMinorUnits, toMinorUnits } from './minor-units.ts';
import { type Fact, type Progress, applyFact, targetPico } from './payment.ts';

const OPEN: Progress = {
  currency: 'CNY',
  expectedPico: 100n,
  receivedPico: 0n,
  refundedPico: 0n,
  lostPico: 0n,
  state: 'open',
  problem: null,
  dispute: null,
};

const total = fc.bigInt({ min: 0n, max: 150n });
const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({
    kind: fc.constant('paid' as const),
    currency: fc.constantFrom('CNY', 'cny', 'CNY', 'USD'),
    totalPico: fc.oneof(fc.constant(100n), total),
  }),
  fc.record({
    kind: fc.constant('failed' as const),
    problem: fc.constantFrom('declined' as const, 'canceled' as const),
  }),
  fc.record({ kind: fc.constant('expired' as const) }),
  fc.record({ kind: fc.constantFrom('refunded' as const, 'lost' as const), totalPico: total }),
  fc.record({
    kind: fc.constant('disputed' as const),
    state: fc.constantFrom('open' as const, 'won' as const),
  }),
);

const fold = (facts: readonly Fact[]): Progress => facts.reduce(applyFact, OPEN);

describe('a payment', () => {
  it('ends the same whatever the order of its facts, and however often they come', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyFact, { maxLength: 8 })
          .chain((facts) =>
            fc.tuple(
              fc.constant(facts),
              fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
            ),
          ),
        ([facts, again]) => assert.deepEqual(fold(again), fold(facts)),
      ),
      { numRuns: 500 },
    );
  });

  it('never leaves the tenant with more than came, nor with less than nothing', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 10 }), (facts) => {
        const payment = fold(facts);
        assert.ok(targetPico(payment) >= 0n && targetPico(payment) <= payment.receivedPico);
        if (payment.state !== 'succeeded') assert.equal(targetPico(payment), 0n);
      }),
    );
  });

  for (const [what, facts, state, problem, target] of [
    ['pays in full', [paid(100n)], 'succeeded', null, 100n],
    [
      'that came after it had expired counts',
      [{ kind: 'expired' }, paid(100n)],
      'succeeded',
      null,
      100n,
    ],
    ['of less is set aside', [paid(99n)], 'quarantined', 'amount_differs', 0n],
    ['of more is set aside', [paid(101n)], 'quarantined', 'amount_differs', 0n],
    ['in other money is set aside', [paid(100n, 'USD')], 'quarantined', 'currency_differs', 0n],
    [
      'that was given back in part',
      [paid(100n), { kind: 'refunded', totalPico: 30n }],
      'succeeded',
      null,
      70n,
    ],
    [
      'that was given back before it came',
      [{ kind: 'refunded', totalPico: 30n }, paid(100n)],
      'succeeded',
      null,
      70n,
    ],
    [
      'that a bank took back is gone',
      [paid(100n), { kind: 'lost', totalPico: 100n }],
      'succeeded',
      null,
      0n,
    ],
  ] satisfies [string, Fact[], Progress['state'], Progress['problem'], bigint][]) {
    it(what, () => {
      const payment = fold(facts);
      assert.deepEqual(
        [payment.state, payment.problem, targetPico(payment)],
        [state, problem, target],
      );
    });
  }
});

function paid(totalPico: bigint, currency = 'CNY'): Fact {
  return { kind: 'paid', currency, totalPico };
}

describe('minor units', () => {
  it('are exact both ways, by the places of the currency', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.constantFrom('CNY', 'JPY', 'KWD'),
        (minor, currency) => {
          assert.equal(toMinorUnits(fromMinorUnits(minor, currency), currency), minor);
        },
      ),
    );
    assert.equal(fromMinorUnits(1250, 'CNY'), 12_500_000_000_000n);
    assert.equal(fromMinorUnits(1250, 'jpy'), 1_250_000_000_000_000n);
  });

  it('refuse what nobody can pay', () => {
    for (const pico of [0n, -10_000_000_000n, 1n, 12_345_000_000_000n]) {
      assert.throws(
        () => toMinorUnits(pico, 'CNY'),
        (error) => error instanceof FlywheelError && error.code === 'payment.amount_invalid',
      );
    }
  });
});
