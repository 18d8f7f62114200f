import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { createId } from './id.ts';

it('an id says what it names and sorts by time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 47 }),
      fc.integer({ min: 1, max: 1e9 }),
      (nowMs, laterMs) => {
        const first = createId('req', nowMs);
        const second = createId('req', nowMs + laterMs);

        assert.match(first, /^req_[0-9a-hjkmnp-tv-z]{26}$/);
        assert.ok(first < second);
      },
    ),
  );
});

it('ten thousand ids of one millisecond differ', () => {
  const ids = new Set(Array.from({ length: 10_000 }, () => createId('key', 1_800_000_000_000)));

  assert.equal(ids.size, 10_000);
});
