import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isTimeZone, periodOf } from './period.ts';

const at = (text: string): number => Date.parse(text);
const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Kolkata',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
];

describe('a period', () => {
  it('begins at midnight of the tenant, not of the machine', () => {
    const { startMs, endMs } = periodOf('day', at('2026-11-23T17:00:00Z'), 'Asia/Shanghai');

    assert.equal(new Date(startMs).toISOString(), '2026-11-23T16:00:00.000Z');
    assert.equal(new Date(endMs).toISOString(), '2026-11-24T16:00:00.000Z');
  });

  it('is as long as the day really is when clocks change', () => {
    const spring = periodOf('day', at('2026-03-08T15:00:00Z'), 'America/New_York');
    const autumn = periodOf('day', at('2026-11-01T15:00:00Z'), 'America/New_York');

    assert.equal((spring.endMs - spring.startMs) / 3_600_000, 23);
    assert.equal((autumn.endMs - autumn.startMs) / 3_600_000, 25);
  });

  it('knows months, and years that end', () => {
    const { startMs, endMs } = periodOf('month', at('2026-12-31T12:00:00Z'), 'UTC');

    assert.equal(new Date(startMs).toISOString(), '2026-12-01T00:00:00.000Z');
    assert.equal(new Date(endMs).toISOString(), '2027-01-01T00:00:00.000Z');
  });

  it('holds its moment, and the next begins where it ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2020-01-01'), max: at('2035-01-01') }),
        fc.constantFrom(...ZONES),
        fc.constantFrom('day' as const, 'month' as const),
        (nowMs, zone, unit) => {
          const { startMs, endMs } = periodOf(unit, nowMs, zone);
          assert.ok(startMs <= nowMs && nowMs < endMs, `${startMs} ${nowMs} ${endMs}`);
          assert.equal(periodOf(unit, endMs, zone).startMs, endMs);
          assert.equal(periodOf(unit, endMs - 1, zone).startMs, startMs);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has the time zones of the world and no others', () => {
    assert.equal(isTimeZone('Asia/Shanghai'), true);
    assert.equal(isTimeZone('Mars/Olympus'), false);
  });
});
