/** Plans: their windows, what a change costs, and what happens when a month ends, on a real ledger. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { OPERATOR, createBench, eventOf } from './credits-fixture.ts';

const { database } = await createTestDatabase();
const bench = createBench(database);
const { clock, credits, ledger, topUp, charge, balanceOf } = bench;
const { subscriptions } = credits;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const plan = (name: string, price: string, more: object = {}) =>
  credits.plans.create(OPERATOR, null, {
    name,
    price,
    unit: 'token',
    atEnd: 'overage',
    windows: [
      { period: '5_hours', allowance: '100' },
      { period: 'month', allowance: '250' },
    ],
    ...more,
  });

const small = await plan('Small', '100');
const large = await plan('Large', '400', {
  windows: [
    { period: '5_hours', allowance: '400' },
    { period: 'month', allowance: '1000' },
  ],
});

async function subscriber(cash: string, planId = small.id): Promise<string> {
  const tenantId = await insertTenant(database);
  await topUp(tenantId, cash);
  await subscriptions.subscribe({ tenantId, planId, by: null });
  return tenantId;
}

const use = async (tenantId: string, tokens: number): Promise<string> => {
  const [parts = []] = await charge([eventOf({ tenantId, tokens, admittedAtMs: clock.nowMs() })]);
  return parts.map(({ source, units }) => `${source} ${units ?? ''}`.trim()).join(', ');
};
const metersOf = async (tenantId: string) =>
  (await subscriptions.current(tenantId))?.meters.map(({ used, allowance }) => [used, allowance]);
const availableOf = async (tenantId: string) => (await ledger.balance(tenantId)).available;
const isSound = async () => {
  assert.deepEqual(await ledger.verify(), []);
  const { rows } = await sql<{ deferred: string }>`
    select coalesce(sum(deferred_pico), 0) as deferred from subscriptions`.execute(database);
  assert.equal(await balanceOf('platform/deferred/CNY'), BigInt(rows[0]?.deferred ?? 0));
};

describe('a subscription', () => {
  it('is paid from cash, gives its allowance in windows, and then lets others pay', async () => {
    const tenantId = await subscriber('101');

    assert.equal(await availableOf(tenantId), '1');
    assert.equal(await use(tenantId, 80), 'plan 80');
    assert.equal(await use(tenantId, 30), 'plan 20, cash');
    assert.deepEqual(await metersOf(tenantId), [
      ['100', '100'],
      ['100', '250'],
    ]);
    clock.advance(5 * HOUR_MS);
    assert.equal(await use(tenantId, 100), 'plan 100');
    clock.advance(5 * HOUR_MS);
    assert.equal(await use(tenantId, 100), 'plan 50, cash');
    await isSound();
  });

  it('is refused without the money, twice, and to a plan that is not offered', async () => {
    const poor = await insertTenant(database);
    await topUp(poor, '99.99');
    const archived = await plan('Gone', '1');
    await credits.plans.archive(archived.id);
    const subscribe = (tenantId: string, planId: string) =>
      subscriptions.subscribe({ tenantId, planId, by: null });

    await assert.rejects(subscribe(poor, small.id), { code: 'ledger.insufficient_balance' });
    await assert.rejects(subscribe(poor, archived.id), { code: 'plan.archived' });
    await assert.rejects(subscribe(poor, 'pln_none'), { code: 'plan.unknown' });
    assert.equal(await availableOf(poor), '99.99');
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '1000');
    const both = await Promise.allSettled([
      subscribe(tenantId, small.id),
      subscribe(tenantId, small.id),
    ]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(await availableOf(tenantId), '900');
    await isSound();
  });

  it('is upgraded at once: what is unused comes back, what remains is charged, what was used stays used', async () => {
    const tenantId = await subscriber('1000');
    await use(tenantId, 60);
    const { periodEnd } = (await subscriptions.current(tenantId)) ?? { periodEnd: '' };
    clock.advance((Date.parse(periodEnd) - clock.nowMs()) / 2);
    const preview = await subscriptions.preview({ tenantId, planId: large.id });

    assert.deepEqual(
      preview.lines.map(({ kind, plan: name, amount }) => [kind, name, amount]),
      [
        ['unused', 'Small', '-50'],
        ['remaining', 'Large', '200'],
      ],
    );
    assert.equal(preview.due, '150');
    const choice = { tenantId, planId: large.id, by: null };
    await assert.rejects(subscriptions.change({ ...choice, dueMax: '149.99' }), {
      code: 'subscription.preview_changed',
    });
    const both = await Promise.allSettled([
      subscriptions.change({ ...choice, dueMax: '150' }),
      subscriptions.change({ ...choice, dueMax: '150' }),
    ]);

    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(await availableOf(tenantId), '750');
    assert.deepEqual((await metersOf(tenantId))?.at(-1), ['60', '1000']);
    await isSound();
    const bought = await credits.purchases({ tenantId, beforeId: null, limit: 10 });
    assert.deepEqual(bought.map(({ kind, amount }) => `${kind} ${amount}`).toSorted(), [
      'remaining 200',
      'subscription 100',
      'unused -50',
    ]);
  });

  it('is downgraded when the month ends, and that may be undone until then', async () => {
    const tenantId = await subscriber('1000', large.id);
    const choose = () => subscriptions.change({ tenantId, planId: small.id, by: null });

    assert.equal((await choose()).nextPlan?.name, 'Small');
    assert.equal((await subscriptions.undo(tenantId)).nextPlan, null);
    await assert.rejects(subscriptions.undo(tenantId), {
      code: 'subscription.nothing_scheduled',
    });
    await choose();
    const earned = await balanceOf('platform/subscription/CNY');
    clock.advance(31 * DAY_MS);
    await subscriptions.sweep();

    const after = await subscriptions.current(tenantId);
    assert.deepEqual([after?.plan.name, after?.nextPlan], ['Small', null]);
    assert.equal(await availableOf(tenantId), '500');
    assert.ok((await balanceOf('platform/subscription/CNY')) > earned);
    await isSound();
  });

  it('is renewed by one of many controls, once', async () => {
    const tenantId = await subscriber('1000');
    clock.advance(31 * DAY_MS);

    await Promise.all(Array.from({ length: 4 }, () => subscriptions.sweep()));

    assert.equal(await availableOf(tenantId), '800');
    await isSound();
  });

  it('ends with its month when it is cancelled, and gives until then', async () => {
    const tenantId = await subscriber('101');
    assert.equal((await subscriptions.cancel(tenantId)).endsAtPeriodEnd, true);
    assert.equal(await use(tenantId, 10), 'plan 10');
    clock.advance(31 * DAY_MS);
    assert.equal(await use(tenantId, 10), 'cash');
    await subscriptions.sweep();

    assert.equal(await subscriptions.current(tenantId), null);
    assert.ok(bench.told.some((each) => each.kind === 'plan.ended' && each.tenantId === tenantId));
    await isSound();
  });

  it('that cannot be paid gives nothing, begins anew when it can, and ends after a week', async () => {
    const tenantId = await subscriber('100');
    const forgotten = await subscriber('100');
    clock.advance(31 * DAY_MS);
    await subscriptions.sweep();
    assert.equal((await subscriptions.current(tenantId))?.state, 'past_due');
    await topUp(tenantId, '150');
    assert.equal(await use(tenantId, 10), 'cash');
    clock.advance(DAY_MS);
    await subscriptions.sweep();

    const paid = await subscriptions.current(tenantId);
    assert.equal(paid?.state, 'active');
    assert.equal(paid?.periodStart, new Date(clock.nowMs()).toISOString());
    assert.equal(await use(tenantId, 100), 'plan 100');
    clock.advance(7 * DAY_MS);
    await subscriptions.sweep();
    assert.equal(await subscriptions.current(forgotten), null);
    await isSound();
  });
});

describe('an allowance for every model', () => {
  it('is promised once, also to leases that were opened before its window and grew since', async () => {
    const counted = await plan('Counted', '0', {
      unit: 'amount',
      windows: [{ period: '5_hours', allowance: '0.000000000100' }],
    });
    const tenantId = await insertTenant(database);
    await topUp(tenantId, '0.000000000010');
    const open = (amountPico: bigint, leaseId?: string) =>
      ledger.leases.open({
        gatewayId: 'gtw',
        tenantId,
        currency: 'CNY',
        amountPico,
        minimumPico: amountPico,
        leaseId,
      });
    const before = (await open(10n)).lease?.id ?? '';
    const admittedAtMs = clock.nowMs();
    clock.advance(1_000);
    await subscriptions.subscribe({ tenantId, planId: counted.id, by: null });

    const grown = await open(100n, before);
    const other = await open(100n);

    assert.equal(grown.lease, null);
    assert.equal(other.lease?.amountPico, 100n);
    const leaseId = other.lease.id;
    const calls = await charge([
      eventOf({ tenantId, tokens: 5, admittedAtMs, leaseId: before }),
      eventOf({ tenantId, tokens: 50, admittedAtMs: clock.nowMs(), leaseId }),
    ]);
    assert.deepEqual(
      calls.map((parts) => parts.map(({ source, amountPico }) => `${source} ${amountPico}`)),
      [['cash 10'], ['plan 100']],
    );
    for (const id of [before, leaseId]) await ledger.leases.close({ id });
    await isSound();
  });
});

describe('a plan that blocks', () => {
  it('leases no more than its window has, says when it resets, and leaves other models alone', async () => {
    const blocking = await plan('Block', '10', { atEnd: 'block', models: ['a/one'] });
    const tenantId = await subscriber('100', blocking.id);
    const open = (amountPico: bigint, modelId = 'mdl_a/one') =>
      ledger.leases.open({
        gatewayId: 'gtw',
        tenantId,
        currency: 'CNY',
        amountPico,
        minimumPico: amountPico,
        scope: { projectId: 'prj', modelId },
      });

    const all = await open(200n);
    const more = await open(1n);
    const other = await open(50n, 'mdl_a/two');

    assert.equal(all.lease?.amountPico, 200n);
    const resetsAt = (await subscriptions.current(tenantId))?.meters[0]?.resetsAt ?? '';
    assert.deepEqual(more.stop, { code: 'plan_exhausted', retryAtMs: Date.parse(resetsAt) });
    assert.equal(other.lease?.scope?.modelId, 'mdl_a/two');
    clock.advance(5 * HOUR_MS);
    assert.equal((await open(200n)).lease?.amountPico, 200n);
    const late = { admittedAtMs: clock.nowMs() - 1, leaseId: all.lease?.id ?? null };
    const [parts = []] = await charge([eventOf({ tenantId, tokens: 100, ...late })]);
    assert.deepEqual(
      parts.map(({ source }) => source),
      ['plan'],
    );
    assert.deepEqual((await metersOf(tenantId))?.[0], ['0', '100']);
  });
});
