import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { waterfall } from './waterfall.ts';

const phases = (event: Parameters<typeof waterfall>[0]) =>
  waterfall(event).map(({ phase, durationMs }) => [phase, durationMs]);

describe('the waterfall of a request', () => {
  it('is the line, the wait for the first byte, and the rest', () => {
    assert.deepEqual(phases({ queueMs: 100, firstByteMs: 300, durationMs: 1000 }), [
      ['queue', 100],
      ['first', 200],
      ['rest', 700],
    ]);
    assert.deepEqual(phases({ queueMs: null, firstByteMs: 40, durationMs: 40 }), [['first', 40]]);
    assert.deepEqual(phases({ queueMs: null, firstByteMs: null, durationMs: 7 }), [['silence', 7]]);
    assert.deepEqual(phases({ queueMs: null, firstByteMs: null, durationMs: 0 }), []);
  });

  it('fills its bar whatever the clocks say', () => {
    const ms = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.option(ms),
        fc.option(ms),
        fc.integer({ min: 1, max: 1_000_000 }),
        (queueMs, firstByteMs, durationMs) => {
          const spans = waterfall({ queueMs, firstByteMs, durationMs });
          const total = spans.reduce((sum, { share }) => sum + share, 0);
          const time = spans.reduce((sum, span) => sum + span.durationMs, 0);
          assert.ok(Math.abs(total - 1) < 1e-9);
          assert.equal(time, durationMs);
          assert.ok(spans.every(({ share }) => share > 0));
        },
      ),
    );
  });
});
