import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Draft, EMPTY_DRAFT, draftOf, faultOf, moved, sharesOf, wishOf } from './draft.ts';

const draft = (changes: Partial<Draft> = {}): Draft => ({
  ...EMPTY_DRAFT,
  name: 'fast',
  targets: [{ target: 'qwen/small', weight: '9' }],
  ...changes,
});

describe('the form of a route', () => {
  it('gives what was there back unchanged', () => {
    const route = {
      id: 'rte_1',
      name: 'fast',
      scope: 'platform' as const,
      targets: [{ model: 'qwen/small', deploymentId: 'dep_1', weight: 3 }],
      canary: { model: 'qwen/big', deploymentId: null, percent: 2.5 },
      fallbacks: [{ model: 'flywheel/tiny', deploymentId: null }],
      fallbackOn: ['timeout' as const],
      sticky: 'session' as const,
      createdAt: '',
      updatedAt: '',
    };
    const { id: _id, createdAt: _created, updatedAt: _updated, ...wish } = route;
    assert.deepEqual(wishOf(draftOf(route)), wish);
  });

  it('says what is wrong before anybody is asked', () => {
    assert.equal(faultOf(draft()), null);
    assert.equal(faultOf(draft({ name: ' ' })), 'nameMissing');
    assert.equal(faultOf(draft({ name: 'two words' })), 'nameInvalid');
    assert.equal(faultOf(EMPTY_DRAFT), 'nameMissing');
    assert.equal(faultOf(draft({ fallbacks: [''] })), 'targetMissing');
    assert.equal(faultOf(draft({ canary: { target: '', percent: 5 } })), 'targetMissing');
    const one = { target: 'a', weight: '1' };
    assert.equal(faultOf(draft({ targets: [one, one] })), 'targetRepeated');
    assert.equal(faultOf(draft({ targets: [{ ...one, weight: '1.5' }] })), 'weightInvalid');
    assert.equal(faultOf(draft({ targets: [{ ...one, weight: '0' }] })), 'weightsZero');
  });

  it('shows shares that sum to one, the canary taken first', () => {
    const shares = sharesOf(
      draft({
        targets: [
          { target: 'a', weight: '3' },
          { target: 'b', weight: '1' },
        ],
        canary: { target: 'c', percent: 20 },
      }),
    );
    assert.deepEqual(
      shares.map(({ name, share }) => [name, Math.round(share * 100)]),
      [
        ['a', 60],
        ['b', 20],
        ['c', 20],
      ],
    );
  });

  it('moves fallbacks one place, and never out of the list', () => {
    assert.deepEqual(moved(['a', 'b', 'c'], 2, -1), ['a', 'c', 'b']);
    assert.deepEqual(moved(['a', 'b'], 0, -1), ['a', 'b']);
    assert.deepEqual(moved(['a', 'b'], 1, 1), ['a', 'b']);
  });
});
