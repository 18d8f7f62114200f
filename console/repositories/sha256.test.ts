import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createSha256 } from './sha256.ts';

describe('createSha256', () => {
  it('knows the empty text and the standard’s own examples', () => {
    const of = (text: string): string => {
      const hash = createSha256();
      hash.update(Buffer.from(text));
      return hash.digest();
    };

    assert.equal(of(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.equal(of('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('agrees with Node’s, however the bytes are cut', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, (all) => {
        const [own, theirs] = [createSha256(), createHash('sha256')];
        for (const piece of all) {
          own.update(piece);
          theirs.update(piece);
        }
        assert.equal(own.digest(), theirs.digest('hex'));
      }),
    );
  });
});
