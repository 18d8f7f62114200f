import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOf } from './books-words.ts';

describe('the row that a finding names', () => {
  it('leads to its entry, its account or its request', () => {
    assert.deepEqual(placeOf('entry 12 of ten_1'), { tab: 'ledger', entry: 12 });
    assert.deepEqual(placeOf('account platform/cash/CNY'), {
      tab: 'ledger',
      account: 'platform/cash/CNY',
    });
    assert.deepEqual(placeOf('event ten_1/req_2/0'), { tab: 'ledger', find: 'req_2' });
  });

  it('leads nowhere where the explorer has no page for it', () => {
    for (const subject of ['lease lse_1', 'entry', 'entry x', 'event ten_1', '']) {
      assert.equal(placeOf(subject), null, subject);
    }
  });
});
