import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PriceTerms } from './api.ts';
import { diffTerms } from './diff.ts';
import { anyTerms } from './terms-fixture.ts';

type Tiers = PriceTerms['rates'][number]['tiers'];

const priced = (tiers: Tiers, changes: Partial<PriceTerms> = {}): PriceTerms => ({
  rates: [{ unit: 'token', direction: 'input', mode: 'whole_request', per: 1000, tiers }],
  serviceTiers: {},
  regions: {},
  ...changes,
});
const flat = (amount: string): PriceTerms => priced([{ upTo: null, amount }]);
const seen = (before: PriceTerms | null, after: PriceTerms) =>
  diffTerms(before, after).map(({ what, upTo, change, percent }) => [what, upTo, change, percent]);

describe('what a draft changes', () => {
  it('is nothing where it says the same', () => {
    fc.assert(fc.property(anyTerms, (terms) => assert.deepEqual(diffTerms(terms, terms), [])));
  });

  it('is told size by size where tiers are new, moved or gone', () => {
    const tiers = priced([
      { upTo: 32, amount: '1' },
      { upTo: 64, amount: '2' },
      { upTo: null, amount: '3' },
    ]);

    assert.deepEqual(seen(flat('2'), tiers), [
      ['token/input', 32, 'lowered', '-50.0'],
      ['token/input', null, 'raised', '+50.0'],
    ]);
    assert.deepEqual(seen(tiers, flat('3')), [
      ['token/input', 32, 'raised', '+200.0'],
      ['token/input', 64, 'raised', '+50.0'],
    ]);
  });

  it('is a percentage with halves away from zero, where there was a price before', () => {
    assert.deepEqual(seen(flat('3'), flat('4')), [['token/input', null, 'raised', '+33.3']]);
    assert.deepEqual(seen(flat('2000'), flat('2001')), [['token/input', null, 'raised', '+0.1']]);
    assert.deepEqual(seen(flat('0'), flat('1')), [['token/input', null, 'raised', null]]);
    assert.deepEqual(seen(flat('1'), flat('0')), [['token/input', null, 'lowered', '-100.0']]);
  });

  it('is also how tiers apply, and what classes and regions cost', () => {
    const before = flat('1');
    const [rate] = before.rates;
    assert.ok(rate);
    const after: PriceTerms = {
      rates: [{ ...rate, mode: 'graduated' }],
      serviceTiers: { batch: { times: '0.5', without: [] }, flex: { times: '0.4', without: [] } },
      regions: { west: '1.1' },
    };

    assert.deepEqual(seen(before, after), [
      ['token/input', null, 'changed', null],
      ['flex', null, 'lowered', '-20.0'],
      ['batch', null, 'changed', null],
      ['west', null, 'added', null],
    ]);
  });

  it('is all of it where there was no price', () => {
    const [only, ...rest] = diffTerms(null, flat('1'));

    assert.equal(only?.change, 'added');
    assert.deepEqual(
      rest.map(({ kind, change }) => [kind, change]),
      [],
    );
  });
});
