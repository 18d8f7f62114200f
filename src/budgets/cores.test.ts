/** The pure parts of budgets: periods, forecasts, thresholds, and what is unusual. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PICO_PER_UNIT } from '#ledger/money.ts';
import { percentOf, reachedBy } from './alert.ts';
import { findAnomaly } from './anomaly.ts';
import { type Hours, forecast, spentIn } from './forecast.ts';
import { HOUR_MS, spanOf } from './span.ts';

const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 10, 2);
const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });
const anyZone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns');
const anyUnit = fc.constantFrom('day' as const, 'week' as const, 'month' as const);

/** Every hour before `toMs`, as far back as `count`, at what `costOf` says. */
const hoursBefore = (toMs: number, count: number, costOf: (atMs: number) => bigint): Hours =>
  new Map(
    Array.from({ length: count }, (_, back) => {
      const atMs = Math.floor(toMs / HOUR_MS) * HOUR_MS - (back + 1) * HOUR_MS;
      return [atMs, costOf(atMs)];
    }),
  );

describe('the period of a budget', () => {
  it('holds its moment and ends where the next begins, whatever the zone', () => {
    fc.assert(
      fc.property(anyUnit, anyTime, anyZone, (unit, nowMs, zone) => {
        const span = spanOf(unit, nowMs, zone);
        assert.ok(span.startMs <= nowMs && nowMs < span.endMs);
        assert.equal(spanOf(unit, span.endMs, zone).startMs, span.endMs);
        assert.deepEqual(spanOf(unit, span.endMs - 1, zone), span);
      }),
    );
  });

  it('begins on Monday, at midnight there', () => {
    const sunday = Date.UTC(2026, 10, 8, 20);
    assert.equal(spanOf('week', sunday, 'UTC').startMs, START_MS);
    assert.equal(spanOf('week', sunday, 'Asia/Shanghai').startMs, Date.UTC(2026, 10, 8, 16));
  });
});

describe('a forecast', () => {
  const span = { startMs: START_MS, endMs: START_MS + 28 * DAY_MS };

  it('of steady spending is what is spent and the rest at the same pace', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        fc.integer({ min: 24, max: 1_000 }),
        fc.integer({ min: 0, max: 27 * 24 }),
        (each, count, at) => {
          const nowMs = span.startMs + at * HOUR_MS;
          const hours = hoursBefore(nowMs, count, () => each);
          const seen = forecast(hours, span, nowMs);
          const left = BigInt(28 * 24 - at - 1);
          assert.equal(seen.endPico, spentIn(hours, span) + each * left);
          assert.equal(seen.basis, count < 168 ? 'days' : 'weeks');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('knows weekends', () => {
    const nowMs = span.startMs + 14 * DAY_MS;
    const costOf = (atMs: number) => ([0, 6].includes(new Date(atMs).getUTCDay()) ? 0n : 10n);
    const hours = hoursBefore(nowMs, 28 * 24, costOf);

    // Ten working days are left; the hour that runs is not foretold.
    assert.equal(forecast(hours, span, nowMs).endPico, 10n * 24n * 2n * 5n * 2n - 10n);
  });

  it('never falls below what is spent, and follows a week that doubled', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 14n }), { minLength: 1, maxLength: 700 }),
        (costs) => {
          const nowMs = span.startMs + 20 * DAY_MS;
          const hours = hoursBefore(nowMs, costs.length, (atMs) => {
            return costs[(nowMs - atMs) / HOUR_MS - 1] ?? 0n;
          });
          const { endPico } = forecast(hours, span, nowMs);
          if (endPico !== null) assert.ok(endPico >= spentIn(hours, span));
        },
      ),
    );
    const nowMs = span.startMs + 21 * DAY_MS;
    const grown = hoursBefore(nowMs, 28 * 24, (atMs) => (atMs >= nowMs - 7 * DAY_MS ? 80n : 40n));
    const { endPico } = forecast(grown, span, nowMs);
    const left = BigInt(7 * 24 - 1);
    assert.equal(endPico, spentIn(grown, span) + 80n * left);
  });

  it('of less than a day is not given', () => {
    const nowMs = span.startMs + 5 * DAY_MS;
    assert.deepEqual(
      forecast(
        hoursBefore(nowMs, 23, () => 5n),
        span,
        nowMs,
      ),
      {
        basis: 'none',
        endPico: null,
        hours: [],
      },
    );
    assert.equal(forecast(new Map(), span, nowMs).basis, 'none');
  });
});

describe('thresholds', () => {
  it('are reached from below, once each, and no forecast repeats what is spent', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 6 }),
        (amountPico, spentPico, more, thresholds) => {
          const forecastPico = spentPico + more;
          const reached = reachedBy({
            amountPico,
            spentPico,
            forecastPico,
            thresholds,
            forecastThresholds: thresholds,
          });
          assert.equal(
            new Set(reached.map(({ percent }) => percent)).size,
            reached.length,
            'each is either reached or foretold',
          );
          for (const percent of thresholds) {
            const found = reached.find((each) => each.percent === percent);
            const isActual = percentOf(spentPico, amountPico) >= percent;
            const isForetold = percentOf(forecastPico, amountPico) >= percent;
            const wanted = isForetold ? 'forecast' : undefined;
            assert.equal(found?.kind, isActual ? 'actual' : wanted);
          }
        },
      ),
    );
  });
});

describe('what is unusual', () => {
  const hourMs = START_MS + 100 * DAY_MS;
  const units = (count: number): bigint => BigInt(Math.round(count * 100)) * (PICO_PER_UNIT / 100n);
  const week = (cost: number, spent: number, weeks: number): Hours =>
    new Map(
      Array.from({ length: weeks + 1 }, (_, back) => [
        hourMs - back * 7 * DAY_MS,
        units(back === 0 ? spent : cost + (back % 3)),
      ]),
    );

  it('lies far above the same hour of other weeks', () => {
    const found = findAnomaly(week(100, 500, 8), hourMs);
    assert.deepEqual([found?.spentPico, found?.usualPico], [units(500), units(101)]);
    assert.equal(findAnomaly(week(100, 150, 8), hourMs), null);
  });

  it('needs four weeks or seven days, and at least one unit more than usual', () => {
    assert.notEqual(findAnomaly(week(100, 9_999, 4), hourMs), null);
    const days = new Map(
      Array.from({ length: 8 }, (_, back) => [hourMs - back * DAY_MS, units(back === 0 ? 9 : 1)]),
    );
    assert.notEqual(findAnomaly(days, hourMs), null);
    assert.equal(findAnomaly(new Map([...days].slice(0, 7)), hourMs), null);
    const cents = new Map([...days].map(([at, pico]) => [at, pico / 100n]));
    assert.equal(findAnomaly(cents, hourMs), null);
  });

  it('is not moved by one odd week', () => {
    const hours = new Map(week(100, 500, 8)).set(hourMs - 14 * DAY_MS, units(100_000));
    assert.notEqual(findAnomaly(hours, hourMs), null);
  });

  it('is never what was there every week', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 16n }), (each) => {
        const hours = new Map(
          Array.from({ length: 9 }, (_, back) => [hourMs - back * 7 * DAY_MS, each]),
        );
        assert.equal(findAnomaly(hours, hourMs), null);
      }),
    );
  });
});
