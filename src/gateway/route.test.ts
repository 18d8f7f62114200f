import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RouteReplica, chooseReplica } from './route.ts';

const replica = fc.record({
  region: fc.constantFrom('east', 'west'),
  state: fc.constantFrom('ready' as const, 'draining' as const),
  outstanding: fc.nat(8),
  parallel: fc.integer({ min: 1, max: 8 }),
  restsUntilMs: fc.constantFrom(0, 500, 2_000),
});

const replicas: fc.Arbitrary<RouteReplica[]> = fc
  .array(replica, { maxLength: 8 })
  .map((items) => items.map((item, index) => ({ id: `rep_${index}`, ...item })));

const request = { region: 'east', nowMs: 1_000, tried: [] as string[] };

describe('choosing a replica', () => {
  it('picks one that is ready and has a slot, or says why there is none', () => {
    fc.assert(
      fc.property(replicas, (all) => {
        const decision = chooseReplica(all, request);
        const ready = all.filter(({ state }) => state === 'ready');
        const free = ready.filter(({ outstanding, parallel }) => outstanding < parallel);
        if (free.length > 0) {
          assert.ok(decision.kind === 'replica' && free.some(({ id }) => id === decision.id));
        } else assert.equal(decision.kind, ready.length > 0 ? 'full' : 'none');
      }),
    );
  });

  it('stays in the region while a healthy one is free there', () => {
    fc.assert(
      fc.property(replicas, (all) => {
        const decision = chooseReplica(all, request);
        const near = all.filter(
          ({ region, state, outstanding, parallel }) =>
            region === 'east' && state === 'ready' && outstanding < parallel,
        );
        if (decision.kind !== 'replica' || near.length === 0) return;
        assert.ok(near.some(({ id }) => id === decision.id));
      }),
    );
  });

  const ready = (id: string, changes: Partial<RouteReplica> = {}): RouteReplica => ({
    id,
    region: 'east',
    state: 'ready',
    outstanding: 0,
    parallel: 4,
    restsUntilMs: 0,
    ...changes,
  });
  const choose = (all: RouteReplica[], tried: string[] = []) =>
    chooseReplica(all, { ...request, tried });

  it('prefers the one with less to do for its size', () => {
    const decision = choose([
      ready('a', { outstanding: 2 }),
      ready('b', { outstanding: 3, parallel: 8 }),
    ]);
    assert.deepEqual(decision, { kind: 'replica', id: 'b' });
  });

  it('tries another before the same again, and one that rests before nothing', () => {
    assert.deepEqual(choose([ready('a'), ready('b', { outstanding: 3 })], ['a']), {
      kind: 'replica',
      id: 'b',
    });
    assert.deepEqual(
      choose([ready('a', { restsUntilMs: 9_000 }), ready('b', { outstanding: 3 })]),
      { kind: 'replica', id: 'b' },
    );
    assert.deepEqual(choose([ready('a', { restsUntilMs: 9_000 })], ['a']), {
      kind: 'replica',
      id: 'a',
    });
  });
});
