import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type GrantedLease,
  type Hold,
  type Wanted,
  addLease,
  createLeaseBook,
  dropEnded,
  endHold,
  freeOf,
  isLow,
  lackOf,
  openHolds,
  raiseHold,
  spentOf,
  takeHold,
} from './lease-book.ts';

const NOW_MS = 1_000;
const LATER_MS = 1_000_000;
const SCOPE = { projectId: 'prj_1', modelId: 'mdl_1' };

function lease(id: string, given: Partial<GrantedLease> = {}): GrantedLease {
  return {
    id,
    amountPico: 100n,
    slackPico: 0n,
    isRelaxed: false,
    scope: null,
    expiresAtMs: LATER_MS,
    ...given,
  };
}

function wanted(pico: bigint, given: Partial<Wanted> = {}): Wanted {
  return { worstPico: pico, estimatePico: pico, isStoppable: false, scope: SCOPE, ...given };
}

type Step =
  | Readonly<{ kind: 'lease'; amount: number; slack: number; isRelaxed: boolean }>
  | Readonly<{ kind: 'hold'; amount: number; share: number; isStoppable: boolean }>
  | Readonly<{ kind: 'raise'; index: number; by: number }>
  | Readonly<{ kind: 'end'; index: number; share: number }>;

const share = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('lease' as const),
    amount: fc.integer({ min: 1, max: 1000 }),
    slack: fc.integer({ min: 0, max: 300 }),
    isRelaxed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    amount: fc.integer({ min: 1, max: 400 }),
    share,
    isStoppable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('raise' as const),
    index: fc.nat(20),
    by: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(20), share }),
);

describe('a lease book', () => {
  it('never promises more of a lease than its amount and slack, and strict leases have none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = createLeaseBook();
        const open: Hold[] = [];
        let spent = 0n;
        for (const [index, one] of steps.entries()) {
          const hold =
            one.kind === 'end' || one.kind === 'raise' ? open[one.index % open.length] : null;
          if (one.kind === 'lease') {
            const slackPico = one.isRelaxed ? BigInt(one.slack) : 0n;
            const amountPico = BigInt(one.amount);
            addLease(book, lease(`lse_${index}`, { ...one, amountPico, slackPico }));
          } else if (one.kind === 'hold') {
            const worstPico = BigInt(one.amount);
            const estimatePico = (worstPico * BigInt(one.share)) / 100n;
            const taken = takeHold(book, wanted(worstPico, { ...one, estimatePico }), NOW_MS);
            if (taken !== null) open.push(taken);
          } else if (hold === undefined || hold === null) {
            continue;
          } else if (one.kind === 'raise') {
            const toPico = hold.estimatePico + BigInt(one.by);
            const lack = lackOf(book, hold, toPico);
            assert.equal(raiseHold(book, hold, toPico), lack === 0n);
          } else {
            open.splice(open.indexOf(hold), 1);
            // As much as it may turn out to cost: all that, at worst.
            const cost = (hold.worstPico * BigInt(one.share)) / 100n;
            endHold(book, hold, cost);
            spent += cost;
          }
          for (const each of book.leases) {
            assert.ok(each.spentPico + each.worstPico <= each.amountPico + each.slackPico);
            if (!each.isRelaxed) assert.ok(freeOf(each) >= 0n);
          }
          assert.equal(openHolds(book), open.length);
          assert.equal(
            book.leases.reduce((sum, each) => sum + each.spentPico, 0n),
            spent,
          );
        }
      }),
    );
  });

  it('holds the worst case of a strict lease, an estimate of a relaxed one', () => {
    const stream = wanted(60n, { estimatePico: 20n, isStoppable: true });
    const whole = wanted(60n, { estimatePico: 20n });
    const count = (given: Partial<GrantedLease>, want: Wanted): number => {
      const book = createLeaseBook();
      addLease(book, lease('one', { amountPico: 120n, ...given }));
      let holds = 0;
      while (takeHold(book, want, NOW_MS) !== null) holds += 1;
      return holds;
    };
    assert.equal(count({}, stream), 2);
    assert.equal(count({ isRelaxed: true }, stream), 6);
    assert.equal(count({ isRelaxed: true }, whole), 2);
    assert.equal(count({ isRelaxed: true, slackPico: 120n }, whole), 4);
  });

  it('lends a lease for some calls to those only', () => {
    const book = createLeaseBook();
    addLease(book, lease('scoped', { scope: { ...SCOPE, modelId: 'mdl_2' } }));

    assert.equal(takeHold(book, wanted(1n), NOW_MS), null);
    const other = wanted(1n, { scope: { ...SCOPE, modelId: 'mdl_2' } });
    assert.equal(takeHold(book, other, NOW_MS)?.leaseId, 'scoped');
  });

  it('lends nothing from a lease that has ended, and spends the one that ends first', () => {
    const book = createLeaseBook();
    addLease(book, lease('late', { expiresAtMs: 3_000 }));
    addLease(book, lease('soon', { expiresAtMs: 2_000 }));

    assert.equal(takeHold(book, wanted(10n), 1_000)?.leaseId, 'soon');
    assert.equal(takeHold(book, wanted(10n), 2_500)?.leaseId, 'late');
    assert.equal(takeHold(book, wanted(10n), 3_500), null);
  });

  it('looks ahead: low when half is gone, or when the rest ends soon', () => {
    const book = createLeaseBook();
    const at = { scope: SCOPE, nowMs: NOW_MS, aheadMs: 100 };
    assert.equal(isLow(book, at), true);
    addLease(book, lease('one'));
    assert.equal(isLow(book, at), false);
    assert.equal(isLow(book, { ...at, nowMs: LATER_MS - 50 }), true);
    takeHold(book, wanted(50n), NOW_MS);
    assert.equal(isLow(book, at), true);
  });

  it('keeps an ended lease until its last hold is settled, and then knows what was spent of it', () => {
    const book = createLeaseBook();
    addLease(book, lease('one', { expiresAtMs: 2_000 }));
    const hold = takeHold(book, wanted(40n), NOW_MS);
    assert(hold !== null);

    assert.deepEqual(dropEnded(book, 2_500), []);
    endHold(book, hold, 15n);
    const [ended] = dropEnded(book, 2_500);

    assert(ended !== undefined);
    assert.equal(spentOf(ended), 15n);
    assert.deepEqual(book.leases, []);
  });

  it('lets go of a rest that is too small for the request that waits', () => {
    const book = createLeaseBook();
    addLease(book, lease('rest', { amountPico: 9n }));

    assert.deepEqual(dropEnded(book, NOW_MS, 9n), []);
    assert.equal(dropEnded(book, NOW_MS, 10n).length, 1);
  });
});
