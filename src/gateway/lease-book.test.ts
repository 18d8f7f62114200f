import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type Hold,
  addLease,
  createLeaseBook,
  dropEnded,
  endHold,
  isLow,
  openHolds,
  spentOf,
  takeHold,
} from './lease-book.ts';

const NOW_MS = 1_000;
const LATER_MS = 1_000_000;

type Step =
  | Readonly<{ kind: 'lease'; amount: number }>
  | Readonly<{ kind: 'hold'; amount: number }>
  | Readonly<{ kind: 'end'; index: number; share: number }>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('lease' as const), amount: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({ kind: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 400 }) }),
  fc.record({
    kind: fc.constant('end' as const),
    index: fc.nat(20),
    share: fc.integer({ min: 0, max: 100 }),
  }),
);

describe('a lease book', () => {
  it('never lends more than it has, and what is left is what was not spent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = createLeaseBook();
        const open: Hold[] = [];
        let leased = 0n;
        let spent = 0n;
        for (const [index, one] of steps.entries()) {
          if (one.kind === 'lease') {
            const amountPico = BigInt(one.amount);
            addLease(book, { id: `lse_${index}`, amountPico, expiresAtMs: LATER_MS });
            leased += amountPico;
          } else if (one.kind === 'hold') {
            const hold = takeHold(book, BigInt(one.amount), NOW_MS);
            if (hold !== null) open.push(hold);
          } else if (open.length > 0) {
            const [hold] = open.splice(one.index % open.length, 1);
            assert(hold !== undefined);
            const cost = (hold.amountPico * BigInt(one.share)) / 100n;
            endHold(book, hold, cost);
            spent += cost;
          }
          const held = open.reduce((sum, { amountPico }) => sum + amountPico, 0n);
          const left = book.leases.reduce((sum, { remainingPico }) => sum + remainingPico, 0n);
          assert.equal(left + held + spent, leased);
          assert.ok(book.leases.every(({ remainingPico }) => remainingPico >= 0n));
          assert.equal(openHolds(book), open.length);
        }
      }),
    );
  });

  it('lends nothing from a lease that has ended, and spends the one that ends first', () => {
    const book = createLeaseBook();
    addLease(book, { id: 'late', amountPico: 100n, expiresAtMs: 3_000 });
    addLease(book, { id: 'soon', amountPico: 100n, expiresAtMs: 2_000 });

    assert.equal(takeHold(book, 10n, 1_000)?.leaseId, 'soon');
    assert.equal(takeHold(book, 10n, 2_500)?.leaseId, 'late');
    assert.equal(takeHold(book, 10n, 3_500), null);
  });

  it('looks ahead: low when half is gone, or when the rest ends soon', () => {
    const book = createLeaseBook();
    assert.equal(isLow(book, NOW_MS, 100), true);
    addLease(book, { id: 'one', amountPico: 100n, expiresAtMs: LATER_MS });
    assert.equal(isLow(book, NOW_MS, 100), false);
    assert.equal(isLow(book, LATER_MS - 50, 100), true);
    takeHold(book, 50n, NOW_MS);
    assert.equal(isLow(book, NOW_MS, 100), true);
  });

  it('keeps an ended lease until its last hold is settled, and then knows what was spent of it', () => {
    const book = createLeaseBook();
    addLease(book, { id: 'one', amountPico: 100n, expiresAtMs: 2_000 });
    const hold = takeHold(book, 40n, NOW_MS);
    assert(hold !== null);

    assert.deepEqual(dropEnded(book, 2_500), []);
    endHold(book, hold, 15n);
    const [ended] = dropEnded(book, 2_500);

    assert(ended !== undefined);
    assert.equal(spentOf(ended), 15n);
    assert.deepEqual(book.leases, []);
  });
});
