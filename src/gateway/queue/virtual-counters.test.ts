import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VirtualCounters } from './virtual-counters.ts';

/** Arrive, be served and pay, end; whoever is next is decided by the counters. */
type Step = Readonly<{ kind: 'arrive' | 'serve' | 'end'; id: string; cost: number }>;

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('arrive', 'serve', 'end'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    cost: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 200 },
);

/** Who was served, in order. */
function play(all: readonly Step[], isSwept: boolean): string[] {
  const counters = new VirtualCounters();
  const running: { id: string; client: ReturnType<VirtualCounters['arrive']> }[] = [];
  const served: string[] = [];
  for (const { kind, id, cost } of all) {
    if (kind === 'arrive') counters.arrive(id);
    if (kind === 'serve') {
      const [client] = counters.inOrder();
      if (client === undefined) continue;
      counters.leave(client, 'served');
      counters.charge(client, cost);
      running.push({ id: client.id, client });
      served.push(client.id);
    }
    if (kind === 'end') {
      const ended = running.shift();
      if (ended !== undefined) counters.end(ended.client);
    }
    if (isSwept) counters.sweep();
  }
  return served;
}

describe('virtual counters', () => {
  it('serve who had least, and of equals who waited longest for service', () => {
    const counters = new VirtualCounters();
    const [a, b] = [counters.arrive('a'), counters.arrive('b')];
    counters.arrive('a');
    counters.leave(a, 'served');
    counters.charge(a, 10);
    assert.deepEqual(
      counters.inOrder().map(({ id }) => id),
      ['b', 'a'],
    );
    counters.leave(b, 'served');
    counters.charge(b, 10);
    counters.arrive('b');
    assert.deepEqual(
      counters.inOrder().map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('give no credit for a pause: who comes back starts where the others are', () => {
    const counters = new VirtualCounters();
    const busy = counters.arrive('busy');
    counters.arrive('busy');
    counters.charge(busy, 5_000);

    assert.equal(counters.arrive('back').counter, 5_000);
  });

  it('lift a lone newcomer to the last who left, who may still be running', () => {
    const counters = new VirtualCounters();
    const busy = counters.arrive('busy');
    counters.leave(busy, 'served');
    counters.charge(busy, 700);

    assert.equal(counters.arrive('new').counter, 700);
  });

  it('weigh: a client of weight three is given three times as much', () => {
    const counters = new VirtualCounters((id) => (id === 'big' ? 3 : 1));
    const served = { big: 0, small: 0 };
    counters.arrive('big');
    counters.arrive('small');
    for (let turn = 0; turn < 400; turn += 1) {
      const [next] = counters.inOrder();
      assert(next !== undefined);
      counters.arrive(next.id);
      counters.leave(next, 'served');
      counters.charge(next, 100);
      served[next.id === 'big' ? 'big' : 'small'] += 1;
    }
    assert.deepEqual(served, { big: 300, small: 100 });
  });

  it('keep two who always wait within one request of each other, whatever the costs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 300 }), (costs) => {
        const counters = new VirtualCounters();
        const given = new Map([
          ['a', 0],
          ['b', 0],
        ]);
        counters.arrive('a');
        counters.arrive('b');
        for (const cost of costs) {
          const [next] = counters.inOrder();
          assert(next !== undefined);
          counters.arrive(next.id);
          counters.leave(next, 'served');
          counters.charge(next, cost);
          given.set(next.id, (given.get(next.id) ?? 0) + cost);
          const gap = Math.abs((given.get('a') ?? 0) - (given.get('b') ?? 0));
          assert.ok(gap <= 1000, `a gap of ${gap}`);
        }
      }),
    );
  });

  it('forget who is idle without changing anybody’s turn', () => {
    fc.assert(fc.property(steps, (all) => assert.deepEqual(play(all, true), play(all, false))));
  });

  it('are bounded even where every client is new', () => {
    const counters = new VirtualCounters(() => 1, 100);
    for (let index = 0; index < 5_000; index += 1) {
      const client = counters.arrive(`tenant-${index}`);
      counters.leave(client, 'served');
      counters.charge(client, 5_000 - index);
      counters.end(client);
      assert.ok(counters.size <= 101, String(counters.size));
    }
  });
});
