import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { createBatching, shareBatch } from './batching.ts';

function itemsOf(lengths: readonly number[]) {
  return lengths.map((length) => ({
    tokens: Array.from({ length }, () => 0 as never),
    logits: [],
    evaluationPriority: 5 as const,
  }));
}

describe('batches', () => {
  it('seat every stream before they read on in a prompt', () => {
    const shares = shareBatch(itemsOf([300, 1, 700, 1]), 512);

    assert.deepEqual(
      shares.map(({ processAmount }) => processAmount),
      [300, 1, 210, 1],
    );
  });

  it('are as full as they can be and never fuller', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 12, max: 600 }), (all, size) => {
        const shares = shareBatch(itemsOf(all), size).map(({ processAmount }) => processAmount);
        const total = all.reduce((sum, length) => sum + length, 0);
        assert.equal(
          shares.reduce((sum, share) => sum + share, 0),
          Math.min(total, size),
        );
        assert.ok(shares.every((share, i) => share >= 1 && share <= (all[i] ?? 0)));
      }),
    );
  });

  it('wait for as many streams as last time, but not for ever', () => {
    const batching = createBatching();
    const take = (count: number) =>
      batching({ items: itemsOf(Array(count).fill(1)), size: 512 }).length;
    assert.equal(take(3), 3);

    assert.equal(take(2), 0);
    assert.equal(take(3), 3);

    const turns = Array.from({ length: 40 }, () => take(2));
    const first = turns.indexOf(2);
    assert.ok(first > 0 && first < 30);
    assert.ok(turns.slice(first).every((taken) => taken === 2));
  });
});
