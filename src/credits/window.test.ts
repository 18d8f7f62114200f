/** Windows as a calendar shows them, and as laws. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { WINDOW_PERIODS, addMonths, windowAt } from './window.ts';

const iso = (text: string): number => Date.parse(text);
const show = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

describe('a window', () => {
  for (const [anchor, at, start, end] of [
    ['2026-01-31T10:00Z', '2026-02-20T00:00Z', '2026-01-31T10:00', '2026-02-28T10:00'],
    ['2026-01-31T10:00Z', '2026-02-28T10:00Z', '2026-02-28T10:00', '2026-03-31T10:00'],
    ['2026-01-31T10:00Z', '2026-03-31T09:59Z', '2026-02-28T10:00', '2026-03-31T10:00'],
    ['2024-01-30T00:00Z', '2024-02-29T12:00Z', '2024-02-29T00:00', '2024-03-30T00:00'],
    ['2026-12-05T23:30Z', '2027-01-05T23:29Z', '2026-12-05T23:30', '2027-01-05T23:30'],
  ] as const) {
    it(`of a month that began at ${anchor} is ${start} to ${end} at ${at}`, () => {
      const window = windowAt('month', iso(anchor), iso(at));
      assert.ok(window !== null);
      assert.deepEqual([show(window.startMs), show(window.endMs)], [start, end]);
    });
  }

  it('holds its instant, follows on the one before without a gap, and has no other at its end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...WINDOW_PERIODS),
        fc.integer({ min: iso('2020-01-01T00:00Z'), max: iso('2035-01-01T00:00Z') }),
        fc.integer({ min: 0, max: 5 * 365 * 86_400_000 }),
        (period, anchorMs, laterMs) => {
          const atMs = anchorMs + laterMs;
          const window = windowAt(period, anchorMs, atMs);
          assert.ok(window !== null && window.startMs <= atMs && atMs < window.endMs);
          assert.deepEqual(windowAt(period, anchorMs, window.startMs), window);
          assert.equal(windowAt(period, anchorMs, window.endMs)?.startMs, window.endMs);
          const before = windowAt(period, anchorMs, window.startMs - 1);
          assert.equal(before?.endMs ?? anchorMs, window.startMs);
        },
      ),
    );
  });

  it('is none before its subscription began', () => {
    assert.equal(windowAt('5_hours', 1_000, 999), null);
  });
});

describe('months', () => {
  it('are counted from the first day, and so come back to it', () => {
    const anchor = iso('2026-01-31T00:00Z');
    assert.equal(show(addMonths(anchor, 1)), '2026-02-28T00:00');
    assert.equal(show(addMonths(anchor, 12)), '2027-01-31T00:00');
  });
});
