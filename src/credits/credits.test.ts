/** Grants, coupons, free quotas and savings plans on a real ledger. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { leaseModel } from '#ledger/covering.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { OPERATOR, createBench, eventOf } from './credits-fixture.ts';

const { database } = await createTestDatabase();
const bench = createBench(database);
const { clock, credits, ledger, topUp, charge, balanceOf } = bench;
const DAY_MS = 86_400_000;

let keys = 0;
const give = (tenantId: string, amount: string, more: object = {}) => {
  keys += 1;
  const input = { tenantId, amount, idempotencyKey: `key-${keys}`, ...more };
  return credits.grants.give(OPERATOR, 'usr', input);
};
const inDays = (days: number): string => new Date(clock.nowMs() + days * DAY_MS).toISOString();
const accountOf = (tenantId: string, id: string): string => `tenant/${tenantId}/grant/${id}/CNY`;
const isSound = async () => assert.deepEqual(await ledger.verify(), []);

describe('a grant', () => {
  it('is an account of its own, paid from promotion, and given once for a key', async () => {
    const tenantId = await insertTenant(database);
    const input = { tenantId, amount: '12.5', idempotencyKey: 'same', expiresAt: inDays(30) };

    const [first, second] = await Promise.all([
      credits.grants.give(OPERATOR, null, input),
      credits.grants.give(OPERATOR, null, input),
    ]);

    assert.equal(first.id, second.id);
    assert.equal(await balanceOf(accountOf(tenantId, first.id)), parseAmount('12.5'));
    await assert.rejects(credits.grants.give(OPERATOR, null, { ...input, amount: '13' }), {
      code: 'credit.key_reused',
    });
    await isSound();
  });

  it('pays before cash, and what is left of it is the balance of its account', async () => {
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '1');
    const { id } = await give(tenantId, '0.000000000030');

    const [parts] = await charge([eventOf({ tenantId, tokens: 20, admittedAtMs: clock.nowMs() })]);

    assert.deepEqual(
      parts?.map(({ source, amountPico }) => [source, amountPico]),
      [
        ['grant', 30n],
        ['cash', 10n],
      ],
    );
    assert.equal(await balanceOf(accountOf(tenantId, id)), 0n);
    assert.equal((await credits.summary(tenantId)).grants.length, 0);
    await isSound();
  });

  it('goes to breakage when its time is over, and not before late calls have arrived', async () => {
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '1');
    const { id } = await give(tenantId, '5', { expiresAt: inDays(1) });
    await credits.grants.sweep();
    const before = await balanceOf('platform/breakage/CNY');
    const admittedAtMs = clock.nowMs() + DAY_MS - 1;
    clock.advance(DAY_MS);

    await credits.grants.sweep();
    const [late] = await charge([eventOf({ tenantId, tokens: 10, admittedAtMs })]);
    assert.equal(late?.[0]?.source, 'grant');
    const [after] = await charge([
      eventOf({ tenantId, tokens: 10, admittedAtMs: admittedAtMs + 1 }),
    ]);
    assert.equal(after?.[0]?.source, 'cash');
    clock.advance(60 * 60_000);
    await credits.grants.sweep();

    assert.equal(await balanceOf(accountOf(tenantId, id)), 0n);
    assert.equal((await balanceOf('platform/breakage/CNY')) - before, parseAmount('5') - 20n);
    const listed = await credits.grants.list({
      tenantId,
      isLiveOnly: false,
      beforeId: null,
      limit: 9,
    });
    assert.equal(listed[0]?.state, 'expired');
    assert.ok(bench.told.some(({ kind, key }) => kind === 'grant.expiring' && key === id));
  });

  it('that is taken back pays what leases hold of it and goes back to promotion', async () => {
    const tenantId = await insertTenant(database);
    const { id } = await give(tenantId, '5');
    const lease = await ledger.leases.open({
      gatewayId: 'gtw',
      tenantId,
      currency: 'CNY',
      amountPico: 100n,
    });
    await credits.grants.revoke({ tenantId, id });

    const again = await ledger.leases.open({
      gatewayId: 'gtw',
      tenantId,
      currency: 'CNY',
      amountPico: 100n,
    });
    const [paid] = await charge([
      eventOf({
        tenantId,
        tokens: 10,
        admittedAtMs: clock.nowMs(),
        leaseId: lease.lease?.id ?? null,
      }),
    ]);

    assert.equal(again.lease, null);
    assert.equal(paid?.[0]?.sourceId, id);
    clock.advance(2 * 60 * 60_000);
    await ledger.leases.sweep();
    await credits.grants.sweep();
    assert.equal(await balanceOf(accountOf(tenantId, id)), 0n);
    await isSound();
  });

  it('pays what leases hold of it, also where the clock of their gateway is behind', async () => {
    const tenantId = await insertTenant(database);
    const { id } = await give(tenantId, '0.000000000030');
    const admittedAtMs = clock.nowMs() - 20_000;
    const { lease } = await ledger.leases.open({
      gatewayId: 'gtw',
      tenantId,
      currency: 'CNY',
      amountPico: 30n,
      minimumPico: 30n,
    });

    const leaseId = lease?.id ?? '';
    const [paid] = await charge([eventOf({ tenantId, tokens: 15, admittedAtMs, leaseId })]);

    assert.deepEqual(
      paid?.map(({ sourceId, amountPico }) => [sourceId, amountPico]),
      [[id, 30n]],
    );
    await ledger.leases.close({ id: leaseId });
    await isSound();
  });

  it('pays for a call that was let in before it, where the lease of the call grew by it', async () => {
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '0.000000000010');
    const ask = { gatewayId: 'gtw', tenantId, currency: 'CNY' };
    const { lease } = await ledger.leases.open({ ...ask, amountPico: 10n, minimumPico: 10n });
    const admittedAtMs = clock.nowMs();
    clock.advance(1_000);
    const { id } = await give(tenantId, '0.000000000030');
    const leaseId = lease?.id ?? '';
    await ledger.leases.open({ ...ask, amountPico: 20n, minimumPico: 20n, leaseId });

    const [paid] = await charge([eventOf({ tenantId, tokens: 15, admittedAtMs, leaseId })]);

    assert.deepEqual(
      paid?.map(({ sourceId, amountPico }) => [sourceId, amountPico]),
      [
        [id, 20n],
        [null, 10n],
      ],
    );
    await ledger.leases.close({ id: leaseId });
    await isSound();
  });

  for (const [what, more, code] of [
    ['that ends in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'credit.time_invalid'],
    ['for a model that does not exist', { models: ['none/such'] }, 'credit.scope_unknown'],
    ['for a tenant that does not exist', { tenantId: 'ten_x' }, 'credit.tenant_unknown'],
  ] as const) {
    it(`${what} is refused`, async () => {
      const tenantId = await insertTenant(database);
      await assert.rejects(give(tenantId, '1', more), { code });
    });
  }
});

describe('a coupon', () => {
  const coupon = (code: string, more: object = {}) =>
    credits.coupons.create(OPERATOR, null, {
      code,
      name: code,
      kind: 'amount',
      amount: '10',
      ...more,
    });
  const redeem = (tenantId: string, code: string) =>
    credits.coupons.redeem({ tenantId, by: null, code });

  it('is redeemed once by a tenant, in whatever case it is typed', async () => {
    const tenantId = await insertTenant(database);
    await coupon('Spring-26', { grantDays: 7 });

    const results = await Promise.allSettled(
      [' spring-26', 'SPRING-26', 'Spring-26 '].map((code) => redeem(tenantId, code)),
    );

    const given = results.filter(({ status }) => status === 'fulfilled');
    assert.equal(given.length, 1);
    const { grants } = await credits.summary(tenantId);
    assert.deepEqual(
      grants.map(({ amount, expiresAt }) => [amount, expiresAt]),
      [['10', inDays(7)]],
    );
    await isSound();
  });

  it('is redeemed by all tenants together no more often than it says', async () => {
    await coupon('FIRST-THREE', { redemptionsMax: 3 });
    const tenants = await Promise.all(Array.from({ length: 8 }, () => insertTenant(database)));

    const results = await Promise.allSettled(tenants.map((id) => redeem(id, 'FIRST-THREE')));

    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
    const [listed] = (await credits.coupons.list({ beforeId: null, limit: 50 })).filter(
      ({ code }) => code === 'FIRST-THREE',
    );
    assert.equal(listed?.redemptions, 3);
  });

  it('that is a part of the next top-up waits for it, and gives no more than its amount', async () => {
    const tenantId = await insertTenant(database);
    await coupon('BONUS', { kind: 'top_up', percent: 12.5, amount: '20' });
    const { state } = await redeem(tenantId, 'BONUS');
    const arrive = (paymentId: string, amount: string) =>
      transaction(database, (tx) =>
        credits.coupons.toppedUp(tx, {
          tenantId,
          paymentId,
          currency: 'CNY',
          amountPico: parseAmount(amount),
        }),
      );

    await arrive('pay_1', '80');
    await arrive('pay_1', '80');
    await arrive('pay_2', '80');

    assert.equal(state, 'waiting');
    const { grants, waiting } = await credits.summary(tenantId);
    assert.deepEqual(
      grants.map(({ remaining }) => remaining),
      ['10'],
    );
    assert.equal(waiting.length, 0);
  });

  it('that is a part of usage pays that part of every call', async () => {
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '1');
    await coupon('FIFTH', { kind: 'usage', percent: 20, amount: '1' });
    await redeem(tenantId, 'FIFTH');

    const [parts] = await charge([eventOf({ tenantId, tokens: 50, admittedAtMs: clock.nowMs() })]);

    assert.deepEqual(
      parts?.map(({ source, amountPico }) => [source, amountPico]),
      [
        ['grant', 20n],
        ['cash', 80n],
      ],
    );
  });

  it('is refused when its time is over, when it is archived, and when nobody made it', async () => {
    const tenantId = await insertTenant(database);
    await coupon('SHORT', { validUntil: inDays(1) });
    const { id } = await coupon('GONE');
    await credits.coupons.archive(id);
    clock.advance(DAY_MS);

    await assert.rejects(redeem(tenantId, 'SHORT'), { code: 'coupon.expired' });
    await assert.rejects(redeem(tenantId, 'GONE'), { code: 'coupon.unknown' });
    await assert.rejects(redeem(tenantId, 'NEVER-WAS'), { code: 'coupon.unknown' });
    await assert.rejects(coupon('short'), { code: 'coupon.exists' });
    await coupon('DOLLARS', { currency: 'USD' });
    await assert.rejects(redeem(tenantId, 'DOLLARS'), { code: 'coupon.currency_differs' });
    await assert.rejects(coupon('WRONG', { percent: 5 }), { code: 'coupon.invalid' });
  });

  it('cannot be guessed: ten wrong codes in an hour, also at the same time', async () => {
    const tenantId = await insertTenant(database);
    await coupon('RIGHT-ONE');
    const wrong = Array.from({ length: 15 }, (_, index) =>
      redeem(tenantId, `GUESS-${index}`).catch((error: unknown) => codeOf(error)),
    );
    const codes = await Promise.all(wrong);
    assert.equal(codes.filter((code) => code === 'coupon.unknown').length, 10);
    assert.equal(codes.filter((code) => code === 'coupon.guesses_exhausted').length, 5);
    await assert.rejects(redeem(tenantId, 'RIGHT-ONE'), { code: 'coupon.guesses_exhausted' });
    await redeem(await insertTenant(database), 'RIGHT-ONE');

    clock.advance(61 * 60_000);
    await redeem(tenantId, 'RIGHT-ONE');
  });
});

describe('a free quota', () => {
  it('is given once, to new tenants and to others on demand, and is used before anything else', async () => {
    await credits.quotas.setRule(OPERATOR, null, { model: 'a/one', units: 15, validDays: 90 });
    const tenantId = await insertTenant(database);
    await transaction(database, (tx) => credits.quotas.giveNew(tx, tenantId));
    await credits.quotas.give(tenantId);
    await topUp(tenantId, '1');

    const calls = await charge([
      eventOf({ tenantId, tokens: 10, admittedAtMs: clock.nowMs() }),
      eventOf({ tenantId, tokens: 10, admittedAtMs: clock.nowMs(), serviceTier: 'batch' }),
      eventOf({ tenantId, tokens: 10, admittedAtMs: clock.nowMs() }),
    ]);

    assert.deepEqual(
      calls.map((parts) => parts.map(({ source, units }) => [source, units])),
      [
        [['free_quota', 10]],
        [['cash', undefined]],
        [
          ['free_quota', 5],
          ['cash', undefined],
        ],
      ],
    );
    const { freeQuotas } = await credits.summary(tenantId);
    assert.deepEqual(
      freeQuotas.map(({ units, used, expiresAt }) => [units, used, expiresAt]),
      [[15, 15, inDays(90)]],
    );
    assert.ok(
      bench.told.some((each) => each.kind === 'quota.used_up' && each.tenantId === tenantId),
    );
  });

  it('is not leased for a batch, which it does not pay', async () => {
    const tenantId = await insertTenant(database);
    await credits.quotas.give(tenantId);
    const open = (modelId: string) =>
      ledger.leases.open({
        gatewayId: 'gtw',
        tenantId,
        currency: 'CNY',
        amountPico: 20n,
        scope: { projectId: 'prj', modelId },
      });

    assert.equal((await open(leaseModel('mdl_a/one', 'batch'))).lease, null);
    assert.notEqual((await open(leaseModel('mdl_a/one', 'default'))).lease, null);
  });

  it('alone covers a tenant that wants nothing else to pay', async () => {
    const tenantId = await insertTenant(database);
    await credits.quotas.give(tenantId);
    await topUp(tenantId, '100');
    await credits.quotas.setFreeOnly(tenantId, true);
    const open = (amountPico: bigint, modelId = 'mdl_a/one') =>
      ledger.leases.open({
        gatewayId: 'gtw',
        tenantId,
        currency: 'CNY',
        amountPico,
        minimumPico: amountPico,
        scope: { projectId: 'prj', modelId },
      });

    const within = await open(20n);
    const beyond = await open(40n);
    const other = await open(1n, 'mdl_a/two');

    assert.equal(within.lease?.amountPico, 20n);
    assert.deepEqual([beyond.lease, beyond.stop?.code], [null, 'free_quota_exhausted']);
    assert.deepEqual([other.lease, other.stop?.code], [null, 'free_quota_exhausted']);
  });
});

describe('a savings plan', () => {
  it('costs less than it is worth, is paid from cash, and draws down before grants', async () => {
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '900');
    await give(tenantId, '1');
    const { id, price } = await credits.savingsPlans.create(OPERATOR, null, {
      name: 'Year of tokens',
      amount: '1000',
      discountPercent: 12.5,
      months: 12,
    });
    const buy = (idempotencyKey: string) =>
      credits.savingsPlans.buy({ tenantId, by: null, id, idempotencyKey });

    const [first, same] = await Promise.all([buy('one'), buy('one')]);
    await assert.rejects(buy('two'), { code: 'ledger.insufficient_balance' });
    const [parts] = await charge([eventOf({ tenantId, tokens: 5, admittedAtMs: clock.nowMs() })]);

    assert.equal(price, '875');
    assert.equal(first.id, same.id);
    assert.equal(parts?.[0]?.source, 'savings_plan');
    const { available } = await ledger.balance(tenantId);
    assert.equal(available, '25');
    const bought = await credits.purchases({ tenantId, beforeId: null, limit: 10 });
    assert.deepEqual(
      bought.map(({ kind, amount }) => [kind, amount]),
      [['savings_plan', '875']],
    );
    await isSound();
  });
});

describe('an order of deduction', () => {
  it('holds for calls that are let in from its time on', async () => {
    const tenantId = await insertTenant(database);
    await credits.quotas.give(tenantId);
    await give(tenantId, '1');
    const steps = (['grant', 'free_quota', 'plan', 'savings_plan', 'cash'] as const).map(
      (source) => ({ source }),
    );
    const beforeMs = clock.nowMs();
    clock.advance(1000);
    await credits.orders.publish(null, { steps });
    const sourceAt = async (admittedAtMs: number) =>
      (await charge([eventOf({ tenantId, tokens: 1, admittedAtMs })]))[0]?.[0]?.source;

    assert.equal(await sourceAt(beforeMs), 'free_quota');
    assert.equal(await sourceAt(clock.nowMs()), 'grant');
    const listed = await credits.orders.list();
    assert.deepEqual(
      listed.map(({ isInForce }) => isInForce),
      [true, false],
    );
    await assert.rejects(credits.orders.publish(null, { steps: steps.slice(1) }), {
      code: 'order.incomplete',
    });
    await assert.rejects(credits.orders.publish(null, { steps: steps.toReversed() }), {
      code: 'order.cash_last',
    });
  });
});

describe('the books', () => {
  it('agree with what credits say of themselves', async () => {
    const { rows } = await sql<{ id: string; kept: string; posted: string }>`
      select g.id, g.remaining_pico as kept, b.balance_pico as posted
      from grants g join ledger_balances b
        on b.account_id in ('tenant/' || g.tenant_id || '/grant/' || g.id || '/CNY',
          'tenant/' || g.tenant_id || '/savings_plan/' || g.id || '/CNY')`.execute(database);
    assert.ok(rows.length > 5);
    for (const { id, kept, posted } of rows) {
      assert.equal(formatAmount(BigInt(kept)), formatAmount(BigInt(posted)), id);
    }
    await isSound();
  });
});
