import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type PaidPart, type ShareRule, earnedOf, ruleAt, shareOf, shareOfCredit } from './rule.ts';

const RULE: ShareRule = {
  id: 'srl_1',
  modelId: 'mdl_1',
  basisPoints: 3000,
  authorTenantId: null,
  countsOwnUsage: false,
  countsFreeUsage: false,
  effectiveFromMs: 1000,
};

const CALL = {
  tenantId: 'ten_payer',
  modelId: 'mdl_1',
  currency: 'CNY',
  amountPico: 101n,
  admittedAtMs: 2000,
};

const WORLD = { rules: [RULE], publisherId: 'ten_author', operatorId: 'ten_operator' };
const CASH: readonly PaidPart[] = [{ source: 'cash', amountPico: 101n }];

describe('a share', () => {
  it('is rounded down to whole pico, and what is left over stays with the platform', () => {
    assert.deepEqual(earnedOf(CALL, CASH, WORLD), {
      authorTenantId: 'ten_author',
      revenuePico: 101n,
      sharePico: 30n,
    });
  });

  it('is never more than was paid, and of many calls never more than of their sum', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 30n }), { maxLength: 20 });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (paid, basisPoints) => {
        const shares = paid.map((amount) => shareOf(amount, basisPoints));
        const total = paid.reduce((sum, amount) => sum + amount, 0n);
        const shared = shares.reduce((sum, share) => sum + share, 0n);
        assert.ok(shares.every((share, index) => share >= 0n && share <= (paid[index] ?? 0n)));
        assert.ok(shared <= shareOf(total, basisPoints));
        // What rounding keeps back is less than one pico a call.
        assert.ok(shareOf(total, basisPoints) - shared <= BigInt(paid.length));
      }),
    );
  });

  it('is of the rule in force when the call was admitted', () => {
    const later = { ...RULE, id: 'srl_2', basisPoints: 5000, effectiveFromMs: 3000 };
    const world = { ...WORLD, rules: [later, RULE] };
    assert.equal(earnedOf({ ...CALL, admittedAtMs: 999 }, CASH, world), null);
    assert.equal(earnedOf({ ...CALL, admittedAtMs: 2999 }, CASH, world)?.sharePico, 30n);
    assert.equal(earnedOf({ ...CALL, admittedAtMs: 3000 }, CASH, world)?.sharePico, 50n);
  });

  it('is the default where the model has none, and again when its own ends', () => {
    const standard = { ...RULE, id: 'srl_d', modelId: null, basisPoints: 1000, effectiveFromMs: 0 };
    const ended = { ...RULE, id: 'srl_3', basisPoints: null, effectiveFromMs: 4000 };
    const rules = [standard, RULE, ended];
    assert.equal(ruleAt(rules, 'mdl_other', 2000)?.id, 'srl_d');
    assert.equal(ruleAt(rules, 'mdl_1', 2000)?.id, 'srl_1');
    assert.equal(ruleAt(rules, 'mdl_1', 4000)?.id, 'srl_d');
    assert.equal(ruleAt([RULE, ended], 'mdl_1', 4000), null);
  });

  it('goes to whom the rule names, else to who published the model, never to the operator', () => {
    const named = { ...WORLD, rules: [{ ...RULE, authorTenantId: 'ten_named' }] };
    assert.equal(earnedOf(CALL, CASH, named)?.authorTenantId, 'ten_named');
    assert.equal(earnedOf(CALL, CASH, { ...WORLD, publisherId: 'ten_operator' }), null);
    assert.equal(earnedOf(CALL, CASH, { ...WORLD, publisherId: null }), null);
  });

  it("leaves out the author's own calls unless the rule counts them", () => {
    const own = { ...CALL, tenantId: 'ten_author' };
    const counting = { ...WORLD, rules: [{ ...RULE, countsOwnUsage: true }] };
    assert.equal(earnedOf(own, CASH, WORLD), null);
    assert.equal(earnedOf(own, CASH, counting)?.sharePico, 30n);
  });

  it('leaves out what a free quota or a grant paid unless the rule counts it', () => {
    const parts = [
      { source: 'free_quota', amountPico: 40n },
      { source: 'grant', amountPico: 11n },
      { source: 'plan', amountPico: 20n },
      { source: 'cash', amountPico: 30n },
    ];
    const counting = { ...WORLD, rules: [{ ...RULE, countsFreeUsage: true }] };
    assert.deepEqual(earnedOf(CALL, parts, WORLD), {
      authorTenantId: 'ten_author',
      revenuePico: 50n,
      sharePico: 15n,
    });
    assert.equal(earnedOf(CALL, parts, counting)?.sharePico, 30n);
    assert.equal(earnedOf(CALL, [{ source: 'grant', amountPico: 101n }], WORLD), null);
  });
});

describe('what is taken back of a share', () => {
  it('is all of it with the last of the payment, and never more', () => {
    assert.equal(shareOfCredit({ creditedPico: 101n, amountPico: 101n, sharePico: 30n }), 30n);
    assert.equal(shareOfCredit({ creditedPico: 200n, amountPico: 101n, sharePico: 30n }), 30n);
    assert.equal(shareOfCredit({ creditedPico: 50n, amountPico: 101n, sharePico: 30n }), 14n);
    assert.equal(shareOfCredit({ creditedPico: 0n, amountPico: 101n, sharePico: 30n }), 0n);
    assert.equal(shareOfCredit({ creditedPico: 5n, amountPico: 0n, sharePico: 0n }), 0n);
  });
});
