import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesOfHash, hashOfBytes, isIndexKey, openHashes, requireHash } from './hash.ts';

const hashes = await openHashes();

/** Vectors of draft-denis-xet, appendix "Test Vectors". */
describe('the hashes of the Xet protocol', () => {
  it('are those that the specification gives', () => {
    const ONE = 'c28f58387a60d4aa200c311cda7c7f77f686614864f5869eadebf765d0a14a69';
    const TWO = '6e4e3263e073ce2c0e78cc770c361e2778db3b054b98ab65e277fc084fa70f22';

    assert.equal(
      hashes.chunk(Buffer.from('Hello World!')),
      'd8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb',
    );
    assert.equal(
      hashes.xorb([
        { hash: ONE, sizeBytes: 100 },
        { hash: TWO, sizeBytes: 200 },
      ]),
      'be64c7003ccd3cf4357364750e04c9592b3c36705dee76a71590c011766b6c14',
    );
    assert.equal(
      hashes.term([ONE, TWO]),
      'eb06a8ad81d588ac05d1d9a079232d9c1e7d0b07232fa58091caa7bf333a2768',
    );
  });

  it('are zero for an empty file, and of one chunk the chunk for a xorb but not for a file', () => {
    const only = { hash: hashes.chunk(Buffer.from('x')), sizeBytes: 1 };

    assert.equal(hashes.file([]), '0'.repeat(64));
    assert.equal(hashes.xorb([only]), only.hash);
    assert.notEqual(hashes.file([only]), only.hash);
  });

  it('are masked so that only the same chunk under the same key is the same', async () => {
    const chunk = hashes.chunk(Buffer.from('weights'));
    const key = Buffer.alloc(32, 1);

    const [masked] = await hashes.maskedAll([chunk], key);
    const [again] = await hashes.maskedAll([chunk], key);
    const [other] = await hashes.maskedAll([chunk], Buffer.alloc(32, 2));

    assert.equal(masked, again);
    assert.notEqual(masked, other);
    assert.notEqual(masked, chunk);
  });
});

describe('a hash as text', () => {
  it('turns each eight bytes round, there and back', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);

    assert.equal(
      hashOfBytes(bytes),
      '07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918',
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (some) => {
        assert.deepEqual(bytesOfHash(hashOfBytes(some)), new Uint8Array(some));
      }),
    );
  });

  it('is 64 digits in lower case and nothing else', () => {
    for (const text of [
      '',
      'a'.repeat(63),
      'A'.repeat(64),
      `${'a'.repeat(64)}\n`,
      'g'.repeat(64),
    ]) {
      assert.throws(() => requireHash(text), { code: 'xet.hash_invalid', status: 400 });
    }
    assert.equal(requireHash('0f'.repeat(32)), '0f'.repeat(32));
  });

  it('says whether clients ask for it', () => {
    assert.ok(isIndexKey(`${'f'.repeat(61)}c00`));
    assert.ok(!isIndexKey(`${'f'.repeat(61)}c01`));
  });
});
