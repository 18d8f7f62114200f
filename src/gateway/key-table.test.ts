import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { createKey } from '#tenancy/key.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import { EMPTY_FEED } from './feed.ts';
import { createFeedState } from './feed-state.ts';
import { KeyTable } from './key-table.ts';

const IDENTITY: KeyIdentity = {
  id: 'key_one',
  tenantId: 'ten_one',
  projectId: 'prj_one',
  models: null,
  expiresAtMs: null,
  role: 'developer',
};

function start() {
  const clock = createManualClock();
  const feed = createFeedState(clock);
  const state = {
    asked: 0,
    answer: IDENTITY as KeyIdentity | null,
    gate: Promise.resolve(),
    isAway: false,
  };
  const keys = new KeyTable({
    feed,
    clock,
    lookUp: async () => {
      state.asked += 1;
      const { answer } = state;
      await state.gate;
      if (state.isAway) throw failRequest('control_unavailable', 'away');
      return answer;
    },
  });
  const revoke = (...revokedKeyIds: string[]): void =>
    feed.replace({ ...EMPTY_FEED, revokedKeyIds });
  return { clock, state, keys, revoke, secret: createKey('api').secret };
}

describe('the key table', () => {
  it('asks once for a key that many bring at the same time, and never again', async () => {
    const { state, keys, secret } = start();

    await Promise.all(Array.from({ length: 20 }, async () => keys.identify(secret)));

    assert.equal(keys.identify(secret), IDENTITY);
    assert.equal(state.asked, 1);
  });

  it('remembers an unknown key for a moment only', async () => {
    const { clock, state, keys, secret } = start();
    state.answer = null;
    await assert.rejects(async () => keys.identify(secret), { code: 'invalid_api_key' });
    await assert.rejects(async () => keys.identify(secret), { code: 'invalid_api_key' });
    assert.equal(state.asked, 1);
    state.answer = IDENTITY;
    clock.advance(2_001);
    assert.equal(await keys.identify(secret), IDENTITY);
  });

  it('forgets a key as soon as the feed names it', async () => {
    const { state, keys, revoke, secret } = start();
    await keys.identify(secret);
    state.answer = null;

    revoke('key_one');

    await assert.rejects(async () => keys.identify(secret), { code: 'invalid_api_key' });
  });

  it('is not deceived by a look-up that began before the revocation', async () => {
    const { state, keys, revoke, secret } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.gate = promise;
    const asked = keys.identify(secret);

    revoke('key_one');
    revoke('key_one', 'key_two');
    resolve();

    await assert.rejects(async () => asked, { code: 'invalid_api_key' });
    assert.equal(keys.size, 0);
  });

  it('takes a key that changed, and is still listed, after asking anew', async () => {
    const { keys, clock, revoke, secret } = start();
    await keys.identify(secret);
    revoke('key_one');
    clock.advance(1);
    assert.equal(await keys.identify(secret), IDENTITY);
    revoke('key_one', 'key_two');
    assert.equal(keys.identify(secret), IDENTITY);
  });

  it('goes on with known keys while control is away, and cannot judge others', async () => {
    const { clock, state, keys, secret } = start();
    await keys.identify(secret);
    state.isAway = true;
    clock.advance(3_600_000);

    assert.equal(keys.identify(secret), IDENTITY);
    await assert.rejects(async () => keys.identify(createKey('api').secret), {
      code: 'control_unavailable',
    });
  });
});
