import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { failRequest } from './errors.ts';
import type { Wanted } from './lease-book.ts';
import { LeaseKeeper } from './lease-keeper.ts';

const PAYER = { tenantId: 'ten_one', currency: 'CNY' };
const YUAN = 10n ** 12n;
const SCOPE = { projectId: 'prj_1', modelId: 'mdl_1' };

function holding(worstPico: bigint, estimatePico = worstPico): Wanted {
  return { worstPico, estimatePico, isStoppable: true, scope: SCOPE };
}

function start(availablePico: bigint) {
  const clock = createManualClock();
  const state = {
    availablePico,
    asked: 0,
    isAway: false,
    isRelaxed: false,
    released: [] as string[],
  };
  const keeper = new LeaseKeeper({
    clock,
    log: silentLog,
    control: {
      lease: async ({ amountPico, minimumPico, leaseId }) => {
        state.asked += 1;
        if (state.isAway) throw failRequest('control_unavailable', 'away');
        if (minimumPico > state.availablePico)
          return { lease: null, availablePico: state.availablePico, isRelaxed: state.isRelaxed };
        const size = amountPico < state.availablePico ? amountPico : state.availablePico;
        state.availablePico -= size;
        const lease = {
          id: leaseId ?? `lse_${state.asked}`,
          amountPico: size,
          slackPico: 0n,
          scope: null,
          ttlMs: 600_000,
        };
        return { lease, availablePico: state.availablePico, isRelaxed: state.isRelaxed };
      },
      releaseLease: async ({ id, spentPico }) => {
        state.released.push(`${id}:${spentPico}`);
      },
    },
  });
  return { clock, state, keeper };
}

describe('the lease keeper', () => {
  it('asks control once for many requests, and then not at all', async () => {
    const { state, keeper } = start(100n * YUAN);

    await Promise.all(
      Array.from({ length: 10 }, async () => keeper.hold(PAYER, holding(YUAN / 1000n))),
    );
    const hold = keeper.hold(PAYER, holding(YUAN / 1000n));

    assert.equal(hold instanceof Promise, false);
    assert.equal(state.asked, 1);
    assert.equal(keeper.openHolds, 11);
  });

  it('fetches the next lease before the last is spent', async () => {
    const { state, keeper } = start(100n * YUAN);
    await keeper.hold(PAYER, holding(YUAN));
    for (let held = 0; held < 20; held += 1) {
      const hold = keeper.hold(PAYER, holding(YUAN));
      assert.equal(hold instanceof Promise, false, `hold ${held} had to wait`);
      await hold;
    }
    assert.equal(state.asked, 3);
  });

  it('says insufficient_quota when control has no money, and does not ask again at once', async () => {
    const { state, keeper, clock } = start(0n);
    await assert.rejects(async () => keeper.hold(PAYER, holding(YUAN)), {
      code: 'insufficient_quota',
    });
    await assert.rejects(async () => keeper.hold(PAYER, holding(YUAN)), {
      code: 'insufficient_quota',
    });
    assert.equal(state.asked, 1);
    state.availablePico = 10n * YUAN;
    clock.advance(1_000);
    await keeper.hold(PAYER, holding(YUAN));
    assert.equal(keeper.openHolds, 1);
  });

  it('spends what it has while control is away, and then fails closed', async () => {
    const { state, keeper, clock } = start(4n * YUAN);
    await keeper.hold(PAYER, holding(YUAN));
    state.isAway = true;
    for (let held = 0; held < 3; held += 1) await keeper.hold(PAYER, holding(YUAN));

    await assert.rejects(async () => keeper.hold(PAYER, holding(YUAN)), {
      code: 'control_unavailable',
    });
    clock.advance(700_000);
    await assert.rejects(async () => keeper.hold(PAYER, holding(1n)), {
      code: 'control_unavailable',
    });
  });

  it('gives every lease back when it stops, open holds counted as spent', async () => {
    const { state, keeper } = start(4n * YUAN);
    const first = await keeper.hold(PAYER, holding(YUAN));
    await keeper.hold(PAYER, holding(YUAN));
    keeper.settle(PAYER, first, YUAN / 2n);

    await keeper.stop();

    assert.deepEqual(state.released, [`lse_1:${YUAN / 2n + YUAN}`]);
  });

  it('learns that estimates are enough, and asks again for less', async () => {
    const { state, keeper } = start(3n * YUAN);
    state.isRelaxed = true;

    await keeper.hold(PAYER, holding(9n * YUAN, YUAN));

    assert.equal(state.asked, 2);
    assert.equal(keeper.openHolds, 1);
  });

  it('raises a hold of its lease, then by making the lease grow, and not without money', async () => {
    const { state, keeper } = start(10n * YUAN);
    const hold = await keeper.hold(PAYER, holding(YUAN));
    const asked = state.asked;

    assert.equal(keeper.raise(PAYER, hold, 2n * YUAN), true);
    assert.equal(state.asked, asked);
    state.availablePico = 20n * YUAN;
    assert.equal(await keeper.raise(PAYER, hold, 12n * YUAN), true);
    assert.equal(keeper.leases, 1);
    assert.equal(await keeper.raise(PAYER, hold, 10_000n * YUAN), false);
    state.isAway = true;
    assert.equal(await keeper.raise(PAYER, hold, 10_000n * YUAN), false);
  });

  it('refuses a large request without refusing a small one', async () => {
    const { state, keeper } = start(YUAN);
    await assert.rejects(async () => keeper.hold(PAYER, holding(2n * YUAN)), {
      code: 'insufficient_quota',
    });

    await keeper.hold(PAYER, holding(YUAN / 2n));
    assert.equal(state.asked, 2);
  });

  it('lets a thousand that wait at once all in while there is money', async () => {
    const { state, keeper } = start(1_000n * YUAN);
    await Promise.all(Array.from({ length: 1_000 }, async () => keeper.hold(PAYER, holding(YUAN))));
    assert.equal(keeper.openHolds, 1_000);
    assert.ok(state.asked <= 3, `asked ${state.asked} times`);
  });
});
