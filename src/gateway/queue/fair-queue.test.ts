import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FairQueue, type Order } from './fair-queue.ts';
import type { ServiceTier } from './service-tier.ts';

const order = (tenantId: string, tier: ServiceTier = 'default'): Order => ({ tenantId, tier });
const anyone = () => true;
const itself = <T>(item: T): T => item;

/** Serves the next, at a cost, and says what it was. */
function serve<T>(queue: FairQueue<T>, cost = 100): T | null {
  const turn = queue.next(anyone, itself);
  turn?.work.costs(cost);
  turn?.work.end();
  return turn?.item ?? null;
}

describe('the queue', () => {
  it('is first come first served for one tenant', () => {
    const queue = new FairQueue<string>(10);
    for (const item of ['a', 'b', 'c']) queue.push(item, order('t'));
    assert.deepEqual(
      [serve(queue), serve(queue), serve(queue), serve(queue)],
      ['a', 'b', 'c', null],
    );
  });

  it('lets tenants take turns, however many requests one of them has', () => {
    const queue = new FairQueue<string>(100);
    for (let index = 0; index < 50; index += 1) queue.push(`flood ${index}`, order('flood'));
    assert.equal(serve(queue), 'flood 0');
    queue.push('quiet', order('quiet'));
    assert.equal(serve(queue), 'quiet');
  });

  it('charges tokens as they come, also of what did not have to wait', () => {
    const queue = new FairQueue<string>(10);
    const work = queue.enter(order('long'));
    queue.push('long again', order('long'));
    queue.push('other', order('other'));
    work.costs(10);
    work.costs(5_000);
    assert.equal(serve(queue), 'other');
    work.end();
    work.costs(9_000);
  });

  it('passes over who cannot be served now, and keeps its place', () => {
    const queue = new FairQueue<string>(10);
    queue.push('first', order('a'));
    queue.push('second', order('b'));
    const turn = queue.next(anyone, (item) => (item === 'second' ? 'slot' : null));
    assert.deepEqual([turn?.item, turn?.found], ['second', 'slot']);
    assert.equal(
      queue.next(({ tenantId }) => tenantId !== 'a', itself),
      null,
    );
    assert.equal(serve(queue), 'first');
  });

  it('is left once by who gives up', () => {
    const queue = new FairQueue<string>(10);
    const pushed = queue.push('gone', order('a'));
    assert(pushed !== null);
    assert.deepEqual([queue.remove(pushed.ticket), queue.remove(pushed.ticket)], [true, false]);
    assert.deepEqual([serve(queue), queue.size], [null, 0]);
  });
});

describe('classes of service', () => {
  it('share 12 to 3 to 1 while all three wait, so that none starves', () => {
    const queue = new FairQueue<ServiceTier>(10_000);
    for (let index = 0; index < 400; index += 1) {
      for (const tier of ['flex', 'default', 'priority'] as const)
        queue.push(tier, order('t', tier));
    }
    const served = { flex: 0, default: 0, priority: 0 };
    for (let index = 0; index < 320; index += 1) served[serve(queue) ?? 'flex'] += 1;
    assert.deepEqual(served, { flex: 20, default: 60, priority: 240 });
  });

  it('give everything to the one that waits alone', () => {
    const queue = new FairQueue<string>(10);
    for (const item of ['a', 'b']) queue.push(item, order('t', 'flex'));
    assert.deepEqual([serve(queue), serve(queue)], ['a', 'b']);
  });

  it('put priority first when it comes back after a pause', () => {
    const queue = new FairQueue<string>(10);
    for (const item of ['a', 'b', 'c']) queue.push(item, order('t'));
    assert.equal(serve(queue), 'a');
    queue.push('urgent', order('t', 'priority'));
    assert.equal(serve(queue), 'urgent');
  });
});

describe('a full queue', () => {
  it('makes room for a newcomer at the cost of the longest line, and refuses that line itself', () => {
    const queue = new FairQueue<string>(4);
    for (let index = 0; index < 4; index += 1) queue.push(`flood ${index}`, order('flood'));
    assert.equal(queue.push('flood 4', order('flood')), null);
    const pushed = queue.push('quiet', order('quiet'));
    assert.equal(pushed?.displaced, 'flood 3');
    assert.equal(queue.size, 4);
  });

  it('never holds more than it may and never serves anything twice', () => {
    const action = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      tier: fc.constantFrom<ServiceTier>('flex', 'default', 'priority'),
      isServe: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const queue = new FairQueue<number>(5);
        const inside = new Set<number>();
        for (const [index, { tenant, tier, isServe }] of actions.entries()) {
          if (isServe) {
            const item = serve(queue, index);
            assert.equal(item === null, inside.size === 0);
            if (item !== null) assert.ok(inside.delete(item));
          } else {
            const pushed = queue.push(index, order(tenant, tier));
            if (pushed === null) continue;
            inside.add(index);
            if (pushed.displaced !== null) assert.ok(inside.delete(pushed.displaced));
          }
          assert.equal(queue.size, inside.size);
          assert.ok(queue.size <= 5);
        }
      }),
    );
  });
});

describe('a position', () => {
  it('is how many are served until it is served itself, when all cost the same', () => {
    const lines = fc.array(fc.nat(8), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lines, fc.nat(4), (lengths, own) => {
        const queue = new FairQueue<string>(1_000);
        for (const [tenant, length] of lengths.entries()) {
          for (let item = 0; item < length; item += 1) queue.push('other', order(`t${tenant}`));
        }
        for (let item = 0; item < own; item += 1) queue.push('mine before', order('me'));
        const position = queue.positionOf(order('me'));
        queue.push('mine', order('me'));
        let served = 1;
        while (serve(queue) !== 'mine') served += 1;
        assert.equal(served, position);
      }),
    );
  });

  it('counts what other classes are given meanwhile', () => {
    const queue = new FairQueue<string>(1_000);
    for (let item = 0; item < 100; item += 1) queue.push('usual', order('t'));
    assert.equal(queue.positionOf(order('t', 'priority')), 1);
    // Three of the default class go before each of flex.
    assert.equal(queue.positionOf(order('t', 'flex')), 4);
  });
});
