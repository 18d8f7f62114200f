import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Touch, lastTouched, revisionsToRead } from './last-commits.ts';

describe('lastTouched', () => {
  it('names the newest commit of a file and of every folder above it', () => {
    const found = lastTouched([
      { depth: 3, path: 'a/b/one.txt' },
      { depth: 1, path: 'a/two.txt' },
      { depth: 2, path: 'a/b/three.txt' },
    ]);

    assert.deepEqual(Object.fromEntries(found), {
      'a/two.txt': 1,
      a: 1,
      'a/b/three.txt': 2,
      'a/b': 2,
      'a/b/one.txt': 3,
    });
  });

  it('agrees with looking at each entry by itself', () => {
    const touch = fc.record({
      depth: fc.integer({ min: 1, max: 5 }),
      path: fc
        .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join('/')),
    });
    fc.assert(
      fc.property(fc.array(touch), (touches: readonly Touch[]) => {
        for (const [entry, depth] of lastTouched(touches)) {
          const own = touches.filter(({ path }) => `${path}/`.startsWith(`${entry}/`));
          assert.equal(depth, Math.min(...own.map((one) => one.depth)));
        }
      }),
    );
  });
});

describe('revisionsToRead', () => {
  it('looks less far back where there are many files, and at one revision at least', () => {
    assert.equal(revisionsToRead(0), 300);
    assert.equal(revisionsToRead(1000), 100);
    assert.equal(revisionsToRead(1_000_000), 1);
  });
});
