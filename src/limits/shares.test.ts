/** Shares in a real database: the sum of what is out, whoever asks, and what was spent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import type { Definition } from './definition.ts';
import { createLimits } from './limits.ts';
import type { ShareRequest } from './shares.ts';
import { upsertLimit } from './store.ts';
import { insertTestTenant } from './limits-fixture.ts';

const { database } = await createTestDatabase();

const NONE: Definition = {
  requestsPerSecond: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  dailyBudgetPico: null,
  monthlyBudgetPico: null,
  models: null,
  regions: null,
  networks: null,
  timeZone: null,
};

/** Each test has a tenant of its own, whose limit this sets. */
async function start(definition: Partial<Definition>) {
  const clock = createManualClock(Date.parse('2026-11-23T12:00:00Z'));
  const tenantId = await insertTestTenant(database);
  const names = { tenant: async () => null, project: async () => null, key: async () => null };
  const limits = createLimits({ database, clock, names });
  const scope = { tenantId, level: 'tenant', scopeId: tenantId } as const;
  const set = (changed: Partial<Definition>) =>
    upsertLimit(database, { ...scope, ...NONE, ...changed, updatedAt: new Date(clock.nowMs()) });
  await set(definition);
  const ask = async (gatewayId: string, request: Partial<ShareRequest>) => {
    const [answer] = await limits.shares.ask(gatewayId, [
      {
        ...scope,
        metric: 'requests_per_minute',
        shareId: null,
        used: 0n,
        want: 1_000n,
        least: 1n,
        ...request,
      },
    ]);
    assert.ok(answer !== undefined);
    return answer;
  };
  const spend = (gatewayId: string, amountPico: bigint) =>
    transaction(database, (tx) =>
      limits.spending.record(tx, {
        gatewayId,
        events: [
          { tenantId, projectId: 'prj', keyId: 'key', amountPico, settledAtMs: clock.nowMs() },
        ],
      }),
    );
  return { clock, limits, ask, set, spend };
}

describe('shares of a limit', () => {
  it('never add up to more than it when many gateways ask at the same time', async () => {
    const { ask } = await start({ requestsPerMinute: 100 });

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(`gtw_${index}`, { want: 30n, least: 7n })),
    );

    const total = answers.reduce((sum, { amount }) => sum + amount, 0n);
    assert.ok(total <= 100n && total > 90n, String(total));
  });

  it('count for a minute more when their gateway is lost, and then are free', async () => {
    const { clock, ask } = await start({ requestsPerMinute: 10 });
    assert.equal((await ask('gtw_lost', { want: 10n, least: 10n })).amount, 10n);

    clock.advance(2 * 60_000 + 59_000);
    assert.equal((await ask('gtw_two', { want: 10n })).amount, 0n);
    clock.advance(1_000);
    assert.equal((await ask('gtw_two', { want: 10n, least: 10n })).amount, 10n);
  });

  it('of a gateway that starts again end at once, and count for their minute', async () => {
    const { clock, limits, ask } = await start({ requestsPerMinute: 10 });
    await ask('gtw_one', { want: 10n, least: 10n });

    assert.deepEqual(await limits.shares.endOf('gtw_one'), []);
    assert.equal((await ask('gtw_one', { want: 10n })).amount, 0n);
    clock.advance(60_000);
    assert.equal((await ask('gtw_one', { want: 10n, least: 10n })).amount, 10n);
  });

  it('that are given back leave what was done on them counted', async () => {
    const { clock, ask } = await start({ requestsPerMinute: 10 });
    const { shareId } = await ask('gtw_one', { want: 10n, least: 10n });

    const returned = await ask('gtw_one', { shareId, used: 4n, want: 0n, least: 0n });

    assert.equal(returned.shareId, null);
    assert.equal((await ask('gtw_two', { want: 10n, least: 6n })).amount, 6n);
    clock.advance(60_000);
    assert.equal((await ask('gtw_three', { want: 4n, least: 4n })).amount, 4n);
  });

  it('are not handed out any more once the limit is gone', async () => {
    const { ask, set } = await start({ requestsPerMinute: 10 });
    const { shareId } = await ask('gtw_one', {});
    await set({ concurrency: 1 });

    assert.equal((await ask('gtw_one', { shareId })).limit, null);
  });

  it('cannot be used by a gateway whose share they are not', async () => {
    const { ask } = await start({ requestsPerMinute: 10 });
    const { shareId } = await ask('gtw_one', { want: 10n, least: 10n });

    assert.equal((await ask('gtw_two', { shareId, used: 0n, want: 10n })).amount, 0n);
  });
});

const MONEY = { metric: 'daily_budget', want: 600n, least: 600n } as const;

describe('shares of a budget', () => {
  it('are what is not spent and not out', async () => {
    const { ask, spend } = await start({ dailyBudgetPico: 1_000n });
    await spend('gtw_other', 300n);

    const first = await ask('gtw_one', MONEY);
    const second = await ask('gtw_two', { ...MONEY, want: 200n, least: 100n });

    assert.equal(first.amount, 600n);
    assert.equal(second.amount, 100n);
    assert.equal((await ask('gtw_three', { ...MONEY, least: 1n })).amount, 0n);
  });

  it('count once: what is in the books is no longer held', async () => {
    const { ask, spend } = await start({ dailyBudgetPico: 1_000n });
    const { shareId } = await ask('gtw_one', MONEY);
    await spend('gtw_one', 500n);

    const { others } = await ask('gtw_one', { ...MONEY, shareId, used: 500n, least: 500n });
    const rest = await ask('gtw_two', { ...MONEY, least: 400n });

    assert.equal(others, 0n);
    assert.equal(rest.amount, 400n);
  });

  it('begin anew with the day of the tenant', async () => {
    const { clock, ask, spend } = await start({
      dailyBudgetPico: 1_000n,
      timeZone: 'Asia/Shanghai',
    });
    await spend('gtw_one', 1_000n);
    const before = await ask('gtw_one', { ...MONEY, least: 1n });
    assert.equal(before.amount, 0n);
    assert.equal(before.resetsInMs, 4 * 60 * 60_000);

    clock.advance(4 * 60 * 60_000);

    assert.equal((await ask('gtw_one', MONEY)).amount, 600n);
  });

  it('of a gateway that starts again are free once its journal is shipped', async () => {
    const { limits, ask, spend } = await start({ dailyBudgetPico: 1_000n });
    const { shareId } = await ask('gtw_again', { ...MONEY, want: 1_000n, least: 1_000n });

    assert.deepEqual(await limits.shares.endOf('gtw_again'), [shareId]);
    assert.equal((await ask('gtw_again', { ...MONEY, least: 1n })).amount, 0n);
    await spend('gtw_again', 300n);
    await limits.shares.closeShipped('gtw_other', [shareId ?? '']);
    assert.equal((await ask('gtw_two', { ...MONEY, least: 1n })).amount, 0n);
    await limits.shares.closeShipped('gtw_again', [shareId ?? '']);

    assert.equal((await ask('gtw_three', { ...MONEY, want: 700n, least: 700n })).amount, 700n);
  });

  it('of a lost gateway are free once its journal is in', async () => {
    const { clock, limits, ask, spend } = await start({ monthlyBudgetPico: 1_000n });
    const wish = { metric: 'monthly_budget', want: 900n, least: 900n } as const;
    await ask('gtw_lost', wish);
    await spend('gtw_lost', 900n);

    assert.equal((await ask('gtw_two', { ...wish, want: 100n, least: 100n })).amount, 100n);
    clock.advance(30 * 60_000);
    await limits.shares.sweep();
    assert.equal((await ask('gtw_two', { ...wish, least: 1n })).amount, 50n);
  });
});
