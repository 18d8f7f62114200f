import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  parseRepositorySearch,
  parsePlaygroundSearch,
  parseSignInSearch,
  parseUsageSearch,
} from './search.ts';

describe('what stands in the address', () => {
  it('is kept when it makes sense', () => {
    assert.deepEqual(parseUsageSearch({ range: '7d', by: 'key', event: 'req_1' }), {
      range: '7d',
      by: 'key',
      event: 'req_1',
    });
    assert.deepEqual(parsePlaygroundSearch({ model: 'a/b', temperature: 0, thinking: false }), {
      model: 'a/b',
      temperature: 0,
      thinking: false,
    });
  });

  it('is left out when it does not', () => {
    assert.deepEqual(parseUsageSearch({ range: 'ever', by: 7 }), {});
    assert.deepEqual(parseRepositorySearch({ tab: '<script>' }), {});
    assert.deepEqual(parsePlaygroundSearch({ temperature: 9, topP: 'high', maxTokens: -1 }), {});
  });

  it('never leads to another site after the sign-in', () => {
    for (const next of [
      'https://elsewhere.example',
      '//elsewhere.example',
      String.raw`/\elsewhere`,
    ]) {
      assert.deepEqual(parseSignInSearch({ next }), {}, next);
    }
    assert.deepEqual(parseSignInSearch({ next: '/usage?range=7d' }), { next: '/usage?range=7d' });
  });
});
