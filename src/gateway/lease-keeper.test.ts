import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { failRequest } from './errors.ts';
import { LeaseKeeper } from './lease-keeper.ts';

const PAYER = { tenantId: 'ten_one', currency: 'CNY' };
const YUAN = 10n ** 12n;

function start(availablePico: bigint) {
  const clock = createManualClock();
  const state = { availablePico, asked: 0, isAway: false, released: [] as string[] };
  const keeper = new LeaseKeeper({
    clock,
    log: silentLog,
    control: {
      lease: async ({ amountPico, minimumPico }) => {
        state.asked += 1;
        if (state.isAway) throw failRequest('control_unavailable', 'away');
        if (minimumPico > state.availablePico)
          return { lease: null, availablePico: state.availablePico };
        const size = amountPico < state.availablePico ? amountPico : state.availablePico;
        state.availablePico -= size;
        const lease = {
          id: `lse_${state.asked}`,
          amountPico: size,
          expiresAtMs: clock.nowMs() + 600_000,
        };
        return { lease, availablePico: state.availablePico };
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

    await Promise.all(Array.from({ length: 10 }, async () => keeper.hold(PAYER, YUAN / 1000n)));
    const hold = keeper.hold(PAYER, YUAN / 1000n);

    assert.equal(hold instanceof Promise, false);
    assert.equal(state.asked, 1);
    assert.equal(keeper.openHolds, 11);
  });

  it('fetches the next lease before the last is spent', async () => {
    const { state, keeper } = start(100n * YUAN);
    await keeper.hold(PAYER, YUAN);
    for (let held = 0; held < 20; held += 1) await keeper.hold(PAYER, YUAN);
    assert.equal(state.asked, 2);
  });

  it('says insufficient_quota when control has no money, and does not ask again at once', async () => {
    const { state, keeper, clock } = start(0n);
    await assert.rejects(async () => keeper.hold(PAYER, YUAN), { code: 'insufficient_quota' });
    await assert.rejects(async () => keeper.hold(PAYER, YUAN), { code: 'insufficient_quota' });
    assert.equal(state.asked, 1);
    state.availablePico = 10n * YUAN;
    clock.advance(1_000);
    await keeper.hold(PAYER, YUAN);
    assert.equal(keeper.openHolds, 1);
  });

  it('spends what it has while control is away, and then fails closed', async () => {
    const { state, keeper, clock } = start(4n * YUAN);
    await keeper.hold(PAYER, YUAN);
    state.isAway = true;
    for (let held = 0; held < 3; held += 1) await keeper.hold(PAYER, YUAN);

    await assert.rejects(async () => keeper.hold(PAYER, YUAN), { code: 'control_unavailable' });
    clock.advance(700_000);
    await assert.rejects(async () => keeper.hold(PAYER, 1n), { code: 'control_unavailable' });
  });

  it('gives every lease back when it stops, open holds counted as spent', async () => {
    const { state, keeper } = start(4n * YUAN);
    const first = await keeper.hold(PAYER, YUAN);
    await keeper.hold(PAYER, YUAN);
    keeper.settle(PAYER, first, YUAN / 2n);

    await keeper.stop();

    assert.deepEqual(state.released, [`lse_1:${YUAN / 2n + YUAN}`]);
  });
});
