import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Conduct, findOutliers } from './outliers.ts';

const conduct = (id: string, changes: Partial<Conduct> = {}): Conduct => ({
  id,
  ok: 100,
  failed: 0,
  firstByteMs: 100,
  isEjected: false,
  ...changes,
});

const pool = (count: number): Conduct[] =>
  Array.from({ length: count }, (_, index) => conduct(`good ${index}`));

describe('an outlier', () => {
  it('fails far more often than its peers', () => {
    assert.deepEqual(findOutliers([...pool(3), conduct('bad', { failed: 50 })]), ['bad']);
    assert.deepEqual(findOutliers([...pool(3), conduct('unlucky', { failed: 5 })]), []);
  });

  it('is slower to its first byte by far', () => {
    assert.deepEqual(findOutliers([...pool(3), conduct('slow', { firstByteMs: 900 })]), ['slow']);
    assert.deepEqual(findOutliers([...pool(3), conduct('slower', { firstByteMs: 250 })]), []);
  });

  it('is nobody where all are bad', () => {
    const bad = pool(4).map((one) => ({ ...one, failed: 80 }));
    assert.deepEqual(findOutliers(bad), []);
  });

  it('is nobody of whom too little is known', () => {
    assert.deepEqual(findOutliers([...pool(3), conduct('new', { ok: 0, failed: 5 })]), []);
  });

  it('never takes more than a third of a pool, and never the last one', () => {
    const any = fc.record({
      ok: fc.nat(200),
      failed: fc.nat(200),
      firstByteMs: fc.option(fc.nat(5_000)),
      isEjected: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (all) => {
        const replicas = all.map((one, index) => ({ id: `rep_${index}`, ...one }));
        const found = findOutliers(replicas);
        const before = replicas.filter(({ isEjected }) => isEjected).length;
        const out = before + found.length;
        if (found.length === 0) return;
        assert.ok(out <= Math.max(1, Math.floor(replicas.length / 3)));
        assert.ok(replicas.length - out >= 1);
        assert.ok(found.every((id) => !replicas.find((one) => one.id === id)?.isEjected));
      }),
    );
  });
});
