import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { burnOf, daysLeft, forecastOf, monthAround } from './burn.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW_MS = Date.UTC(2027, 0, 22, 12);

describe('the burn rate', () => {
  it('is the mean of seven days, or of as many as there are', () => {
    const spent = { spentPico: 700n, nowMs: NOW_MS };
    assert.deepEqual(burnOf({ ...spent, firstAtMs: NOW_MS - 7 * DAY_MS }), {
      perDayPico: 100n,
      days: 7,
    });
    assert.deepEqual(burnOf({ ...spent, firstAtMs: NOW_MS - 1.5 * DAY_MS }), {
      perDayPico: 350n,
      days: 2,
    });
    assert.deepEqual(burnOf({ ...spent, firstAtMs: NOW_MS - 1000 }), {
      perDayPico: 700n,
      days: 1,
    });
    assert.equal(burnOf({ ...spent, firstAtMs: null }).days, 0);
  });

  it('says how long the balance lasts, in whole days', () => {
    const burn = { perDayPico: 100n, days: 7 };
    assert.equal(daysLeft(1_050n, burn), 10);
    assert.equal(daysLeft(99n, burn), 0);
    assert.equal(daysLeft(-1n, burn), 0);
    assert.equal(daysLeft(10n ** 30n, burn), null);
    assert.equal(daysLeft(5n, { perDayPico: 0n, days: 0 }), null);
  });
});

describe('the forecast', () => {
  it('goes on as lately until the month ends', () => {
    const { startMs, endMs, previousMs } = monthAround(NOW_MS);
    assert.deepEqual(
      [startMs, endMs, previousMs].map((ms) => new Date(ms).toISOString().slice(0, 10)),
      ['2027-01-01', '2027-02-01', '2026-12-01'],
    );
    const burn = { perDayPico: 100n, days: 7 };
    const request = { soFarPico: 2_000n, burn, monthEndMs: endMs };
    assert.equal(forecastOf({ ...request, nowMs: NOW_MS }), 2_950n);
    assert.equal(forecastOf({ ...request, nowMs: endMs }), 2_000n);
  });
});
