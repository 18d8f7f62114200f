import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMPTY_DRAFT, isEmpty, parseDraft } from './draft.ts';

describe('a draft of limits', () => {
  it('leaves out what is empty and reads the rest', () => {
    const set = parseDraft({ ...EMPTY_DRAFT, requestsPerMinute: ' 60 ', dailyBudget: '12.50' });

    assert.equal(set.requestsPerMinute, 60);
    assert.equal(set.dailyBudget, '12.50');
    assert.equal(set.tokensPerMinute, null);
    assert.equal(set.models, null);
  });

  it('takes names apart at whatever people write between them', () => {
    const { networks } = parseDraft({ ...EMPTY_DRAFT, networks: '10.0.0.0/8, ::1\n192.168.0.1，' });

    assert.deepEqual(networks, ['10.0.0.0/8', '::1', '192.168.0.1']);
  });

  it('knows when it says nothing', () => {
    assert.equal(isEmpty({ ...EMPTY_DRAFT, regions: '  ' }), true);
    assert.equal(isEmpty({ ...EMPTY_DRAFT, concurrency: '1' }), false);
  });
});
