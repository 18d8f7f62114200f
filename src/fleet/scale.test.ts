import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  GROW_AFTER_MS,
  SHRINK_AFTER_MS,
  SLEEP_AFTER_MS,
  type ScaleInput,
  wantedReplicas,
} from './scale.ts';

const NOW_MS = 1_800_000_000_000;

const ready = (running: number, waiting = 0) => ({ state: 'ready' as const, running, waiting });

function wanted(change: Partial<ScaleInput>): number {
  return wantedReplicas({
    replicasMin: 1,
    replicasMax: 4,
    replicasWanted: 1,
    parallel: 4,
    replicas: [ready(0)],
    lastWantedAtMs: NOW_MS,
    scaledAtMs: NOW_MS - 10 * SLEEP_AFTER_MS,
    nowMs: NOW_MS,
    ...change,
  });
}

describe('wantedReplicas', () => {
  it('grows by one when every replica is full', () => {
    assert.equal(wanted({ replicas: [ready(4, 9)] }), 2);
    assert.equal(wanted({ replicas: [ready(3)] }), 1);
  });

  it('does not grow beyond its maximum', () => {
    assert.equal(wanted({ replicasMax: 1, replicas: [ready(4, 9)] }), 1);
  });

  it('waits for the last decision to show', () => {
    const full = { replicas: [ready(4, 9)] };

    assert.equal(wanted({ ...full, scaledAtMs: NOW_MS - GROW_AFTER_MS + 1 }), 1);
    // The second replica is still loading, so how full the fleet is cannot be known.
    assert.equal(
      wanted({
        replicasWanted: 2,
        replicas: [ready(4, 9), { state: 'loading', running: 0, waiting: 0 }],
      }),
      2,
    );
  });

  it('shrinks by one when fewer carry the load with room to spare', () => {
    const two = { replicasWanted: 2, replicas: [ready(1), ready(1)] };

    assert.equal(wanted(two), 1);
    assert.equal(wanted({ ...two, replicas: [ready(2), ready(2)] }), 2);
    assert.equal(wanted({ ...two, scaledAtMs: NOW_MS - SHRINK_AFTER_MS + 1 }), 2);
  });

  it('sleeps only when it may and nobody asked for a while', () => {
    const idle = { replicasMin: 0, lastWantedAtMs: NOW_MS - SLEEP_AFTER_MS };

    assert.equal(wanted(idle), 0);
    assert.equal(wanted({ ...idle, replicas: [ready(1)] }), 1);
    assert.equal(wanted({ ...idle, lastWantedAtMs: NOW_MS - SLEEP_AFTER_MS + 1 }), 1);
    assert.equal(wanted({ ...idle, replicasMin: 1 }), 1);
  });

  it('stays asleep until somebody asks', () => {
    const asleep = { replicasMin: 0, replicasWanted: 0, replicas: [] };

    assert.equal(wanted({ ...asleep, lastWantedAtMs: 0 }), 0);
  });

  it('is always within its bounds and never moves by more than one, but to zero', () => {
    const replica = fc.record({
      state: fc.constantFrom('absent', 'loading', 'ready', 'draining', 'failed'),
      running: fc.nat(8),
      waiting: fc.nat(8),
    });
    fc.assert(
      fc.property(
        fc.record({
          bounds: fc.tuple(fc.nat(5), fc.nat(5)),
          replicasWanted: fc.nat(8),
          parallel: fc.integer({ min: 1, max: 8 }),
          replicas: fc.array(replica, { maxLength: 8 }),
          idleMs: fc.nat(2 * SLEEP_AFTER_MS),
          settledMs: fc.nat(2 * SLEEP_AFTER_MS),
        }),
        ({ bounds: [min, more], idleMs, settledMs, ...rest }) => {
          const replicasMax = Math.max(1, min + more);
          const count = wantedReplicas({
            ...rest,
            replicasMin: min,
            replicasMax,
            lastWantedAtMs: NOW_MS - idleMs,
            scaledAtMs: NOW_MS - settledMs,
            nowMs: NOW_MS,
          });
          const before = Math.min(replicasMax, Math.max(min, rest.replicasWanted));
          assert.ok(count >= min && count <= replicasMax);
          assert.ok(count === 0 || Math.abs(count - before) <= 1);
        },
      ),
    );
  });
});
