import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addMonths, parsePercent, percentOf } from './share-text.ts';

describe('a share', () => {
  it('is read and written as people do', () => {
    for (const [text, basisPoints] of [
      ['30', 3000],
      ['12.5', 1250],
      ['12,5 %', 1250],
      ['0.01', 1],
      ['100', 10_000],
      ['100.01', null],
      ['-1', null],
      ['0.001', null],
      ['', null],
      ['1e2', null],
    ] as const) {
      assert.equal(parsePercent(text), basisPoints, text);
    }
    assert.equal(percentOf(1250), '12.5%');
  });
});

describe('months', () => {
  it('go over the end of a year', () => {
    assert.equal(addMonths('2026-12', 1), '2027-01');
    assert.equal(addMonths('2027-01', -1), '2026-12');
  });
});
