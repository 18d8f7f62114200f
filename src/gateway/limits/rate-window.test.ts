import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RateWindow } from './rate-window.ts';

const WINDOW_MS = 60_000;

describe('a window', () => {
  it('never lets more through in any minute than it was held to, and is never stingier than two seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(
          fc.record({
            afterMs: fc.integer({ min: 0, max: 40_000 }),
            amount: fc.integer({ min: 1, max: 20 }),
          }),
          { maxLength: 80 },
        ),
        (limit, calls) => {
          const window = new RateWindow(WINDOW_MS);
          const done: { atMs: number; amount: number }[] = [];
          let nowMs = 0;
          const doneSince = (sinceMs: number): number =>
            done.reduce((sum, { atMs, amount }) => (atMs > sinceMs ? sum + amount : sum), 0);
          for (const { afterMs, amount } of calls) {
            nowMs += afterMs;
            const used = window.used(nowMs);
            assert.ok(used >= doneSince(nowMs - WINDOW_MS), 'forgets nothing of a minute');
            assert.ok(used <= doneSince(nowMs - WINDOW_MS - 2_000), 'and nothing for longer');
            if (used + amount > limit) continue;
            window.add(nowMs, amount);
            done.push({ atMs: nowMs, amount });
            assert.ok(doneSince(nowMs - WINDOW_MS) <= limit);
          }
        },
      ),
    );
  });

  it('says how long until there is room, and there is', () => {
    const window = new RateWindow(WINDOW_MS);
    window.add(1_000, 5);
    window.add(31_000, 5);

    const waitMs = window.untilLeftMs(40_000, 3);

    assert.equal(window.used(40_000 + waitMs - 1), 10);
    assert.equal(window.used(40_000 + waitMs), 5);
    assert.equal(window.used(40_000 + window.untilEmptyMs(40_000 + waitMs) + waitMs), 0);
  });

  it('takes back from where it was put, and nothing that has left', () => {
    const window = new RateWindow(WINDOW_MS);
    window.add(1_000, 10);
    window.takeBack(20_000, 1_000, 4);
    assert.equal(window.used(20_000), 6);

    window.takeBack(80_000, 1_000, 6);
    assert.equal(window.used(80_000), 0);
  });
});
