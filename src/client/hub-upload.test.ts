import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partsOf } from './hub-upload.ts';

describe('partsOf', () => {
  it('cuts a file as the hub says, in order and to its end', () => {
    const header = { chunk_size: '4', '00002': '/two', '00001': '/one', '00003': '/three' };

    assert.deepEqual(partsOf(header, 10), [
      { number: 1, start: 0, end: 4, href: '/one' },
      { number: 2, start: 4, end: 8, href: '/two' },
      { number: 3, start: 8, end: 10, href: '/three' },
    ]);
    assert.equal(partsOf(undefined, 10), null);
    assert.equal(partsOf({}, 10), null);
  });
});
