import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UsageReport } from '../cloud.ts';
import { isPlaygroundKey, seriesOf, sumByGroup } from './report-series.ts';
import { slotsOf, windowOf } from './time-window.ts';

const DAY_MS = 24 * 3_600_000;

const bucket = (startMs: number, group: string, amount: string, calls = 1) => ({
  start: new Date(startMs).toISOString(),
  group,
  amount,
  calls,
  currency: 'CNY',
  inputTokens: 10,
  cacheReadTokens: 1,
  outputTokens: 5,
  reasoningTokens: 0,
  units: [{ unit: 'image' as const, direction: 'output' as const, amount: 2 }],
});

const reportOf = (buckets: readonly ReturnType<typeof bucket>[]): UsageReport => ({
  from: new Date(0).toISOString(),
  to: new Date(DAY_MS).toISOString(),
  interval: 'hour',
  groupBy: 'model',
  total: { ...bucket(0, '', '0') },
  buckets: [...buckets],
});

describe('sumByGroup', () => {
  it('takes the keys of the playground together', () => {
    const sums = sumByGroup(
      reportOf([bucket(0, 'pgk_1', '0.1'), bucket(0, 'key_1', '1'), bucket(1, 'pgk_2', '0.2')]),
    );

    assert.deepEqual(
      sums.map(({ amount, calls, group }) => [isPlaygroundKey(group), amount, calls]),
      [
        [false, '1.000000000000', 1],
        [true, '0.300000000000', 2],
      ],
    );
  });

  it('adds exactly and puts the dearest first', () => {
    const sums = sumByGroup(
      reportOf([bucket(0, 'cheap', '0.1'), bucket(0, 'dear', '0.2'), bucket(1, 'dear', '0.1')]),
    );

    assert.deepEqual(
      sums.map(({ group, amount, calls }) => [group, amount, calls]),
      [
        ['dear', '0.300000000000', 2],
        ['cheap', '0.100000000000', 1],
      ],
    );
  });
});

describe('seriesOf', () => {
  it('has a value for each slot, zero where nothing happened', () => {
    const window = windowOf('24h', DAY_MS - 1);
    const slots = slotsOf(window);
    const [series] = seriesOf(reportOf([bucket(window.fromMs, 'a', '2', 3)]), slots, 'calls');

    assert.equal(slots.length, 24);
    assert.deepEqual(series?.values, [3, ...Array<number>(23).fill(0)]);
  });

  it('sums what has no colour left into one', () => {
    const many = Array.from({ length: 12 }, (_, index) => bucket(0, `group ${index}`, '1'));
    const series = seriesOf(reportOf(many), [0], 'calls');

    assert.equal(series.length, 8);
    assert.deepEqual(series.at(-1), { group: null, color: 'var(--series-8)', values: [5] });
  });
});

describe('windowOf', () => {
  it('ends with the slot that is under way', () => {
    const nowMs = Date.UTC(2026, 0, 15, 13, 30);

    assert.equal(new Date(windowOf('24h', nowMs).toMs).toISOString(), '2026-01-15T14:00:00.000Z');
    assert.equal(new Date(windowOf('30d', nowMs).toMs).toISOString(), '2026-01-16T00:00:00.000Z');
  });
});
