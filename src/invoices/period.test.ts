/** Months by a tenant's own clock: bounds known from the zones' histories, and laws that hold in all of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addDays,
  closesAtMs,
  dateAt,
  daysOf,
  endOfDateMs,
  firstPeriod,
  isPeriodLabel,
  isTimeZone,
  issueDate,
  labelAt,
  lastDate,
  monthStartMs,
  nextLabel,
  periodAfter,
} from './period.ts';

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Niue',
  'America/St_Johns',
  'Africa/Casablanca',
];
const zone = fc.constantFrom(...ZONES);
const instantMs = fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2039, 0) });
const HOUR_MS = 60 * 60_000;

const utc = (ms: number): string => new Date(ms).toISOString();

describe('a period', () => {
  it('is a month of the zone in UTC, half-open', () => {
    const november = firstPeriod(Date.parse('2026-11-23T12:00:00Z'), 'Asia/Shanghai');
    assert.equal(november.label, '2026-11');
    assert.equal(utc(november.fromMs), '2026-10-31T16:00:00.000Z');
    assert.equal(utc(november.toMs), '2026-11-30T16:00:00.000Z');
    assert.equal(lastDate(november), '2026-11-30');
    assert.equal(issueDate(november), '2026-12-01');
  });

  it('is an hour shorter or longer where the clock is changed in it', () => {
    const march = firstPeriod(Date.parse('2026-03-15T12:00:00Z'), 'America/New_York');
    assert.equal((march.toMs - march.fromMs) / HOUR_MS, 31 * 24 - 1);
    assert.equal(utc(march.fromMs), '2026-03-01T05:00:00.000Z');
    assert.equal(utc(march.toMs), '2026-04-01T04:00:00.000Z');
    const october = firstPeriod(Date.parse('2026-10-15T12:00:00Z'), 'Europe/Berlin');
    assert.equal((october.toMs - october.fromMs) / HOUR_MS, 31 * 24 + 1);
    const lordHowe = firstPeriod(Date.parse('2026-04-15T12:00:00Z'), 'Australia/Lord_Howe');
    assert.equal((lordHowe.toMs - lordHowe.fromMs) / HOUR_MS, 30 * 24 + 0.5);
  });

  it('lacks the day that Samoa skipped', () => {
    const december = firstPeriod(Date.parse('2011-12-15T12:00:00Z'), 'Pacific/Apia');
    assert.equal((december.toMs - december.fromMs) / HOUR_MS, 30 * 24);
    assert.ok(!daysOf(december).some(({ date }) => date === '2011-12-30'));
    assert.equal(daysOf(december).length, 30);
  });

  it('begins a day early on Kiritimati and ends late on Niue', () => {
    assert.equal(utc(monthStartMs('2026-12', 'Pacific/Kiritimati')), '2026-11-30T10:00:00.000Z');
    assert.equal(utc(monthStartMs('2026-12', 'Pacific/Niue')), '2026-12-01T11:00:00.000Z');
  });

  it('begins where the one before ended, whatever became of the zone', () => {
    fc.assert(
      fc.property(instantMs, fc.array(zone, { minLength: 2, maxLength: 12 }), (atMs, zones) => {
        let period = firstPeriod(atMs, zones[0] ?? 'UTC');
        assert.ok(period.fromMs <= atMs && atMs < period.toMs);
        for (const timeZone of zones.slice(1)) {
          const next = periodAfter(period, timeZone);
          assert.equal(next.fromMs, period.toMs);
          assert.ok(next.toMs > next.fromMs);
          assert.equal(next.label, nextLabel(period.label));
          assert.equal(labelAt(next.toMs, timeZone), nextLabel(next.label));
          assert.equal(labelAt(next.toMs - 1, timeZone), next.label);
          period = next;
        }
      }),
    );
  });

  it('is the sum of its days', () => {
    fc.assert(
      fc.property(instantMs, zone, (atMs, timeZone) => {
        const period = firstPeriod(atMs, timeZone);
        const days = daysOf(period);
        assert.equal(days[0]?.fromMs, period.fromMs);
        assert.equal(days.at(-1)?.toMs, period.toMs);
        for (const [index, day] of days.entries()) {
          assert.equal(dateAt(day.fromMs, timeZone), day.date);
          assert.equal(dateAt(day.toMs - 1, timeZone), day.date);
          if (index > 0) assert.equal(day.fromMs, days[index - 1]?.toMs);
        }
      }),
    );
  });

  it('closes a grace after its end, in hours that passed and not that a clock showed', () => {
    const period = firstPeriod(Date.parse('2026-11-23T12:00:00Z'), 'UTC');
    assert.equal(utc(closesAtMs(period, 12)), '2026-12-01T12:00:00.000Z');
  });
});

describe('a date', () => {
  it('is due until its end by the clock of the tenant', () => {
    assert.equal(utc(endOfDateMs('2026-12-31', 'Asia/Shanghai')), '2026-12-31T16:00:00.000Z');
    assert.equal(addDays('2026-12-01', 30), '2026-12-31');
    assert.equal(addDays('2024-02-01', 29), '2024-03-01');
  });
});

describe('names', () => {
  it('of zones are of the database, and no offsets', () => {
    assert.ok(ZONES.every(isTimeZone));
    for (const name of ['+08:00', '-05', 'Mars/Olympus', '', 'utc+8']) {
      assert.ok(!isTimeZone(name), name);
    }
  });

  it('of periods are months', () => {
    assert.ok(isPeriodLabel('2026-11'));
    for (const text of ['2026-13', '2026-1', '2026-00', '26-11', '2026-11-01', '']) {
      assert.ok(!isPeriodLabel(text), text);
    }
  });
});
