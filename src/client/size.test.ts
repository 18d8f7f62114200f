import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SIZE_PATTERN, parseSize, writeSize } from './size.ts';

describe('a size', () => {
  it('is read as people write it', () => {
    assert.equal(parseSize('500 GB'), 500e9);
    assert.equal(parseSize('2TiB'), 2 * 1024 ** 4);
    assert.equal(parseSize('1,5 gb'), 1.5e9);
    assert.equal(parseSize('much'), null);
    assert.equal(parseSize('5'), null);
  });

  it('is written so that it reads back to the same bytes', () => {
    const pattern = new RegExp(`^${SIZE_PATTERN}$`);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (bytes) => {
        const text = writeSize(bytes);
        assert.match(text, pattern);
        assert.equal(parseSize(text), bytes, text);
      }),
    );
    assert.equal(writeSize(16 * 1024 ** 4), '16 TiB');
    assert.equal(writeSize(500e9), '500 GB');
  });
});
