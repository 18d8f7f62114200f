import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createKey, parseKey } from './key.ts';

const kinds = fc.constantFrom('api' as const, 'hub' as const);
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a key', () => {
  it('has the shape that clients of its kind accept', () => {
    fc.assert(
      fc.property(kinds, (kind) => {
        const { secret } = createKey(kind);

        assert.match(
          secret,
          kind === 'api' ? /^sk-fw-[A-Za-z0-9]{49}$/ : /^hf_[A-Za-z0-9]{34,253}$/,
        );
      }),
    );
  });

  it('parses to the hash that is stored', () => {
    fc.assert(
      fc.property(kinds, (kind) => {
        const { secret, sha256 } = createKey(kind);

        assert.deepEqual(parseKey(secret), { kind, secretSha256: sha256.toString('hex') });
        assert.equal(sha256.toString('hex'), createHash('sha256').update(secret).digest('hex'));
      }),
    );
  });

  it('is refused when any one character is another', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), fc.nat(), (kind, where, what) => {
        const { secret } = createKey(kind);
        const index = where % secret.length;
        const other = ALPHABET.charAt(what % ALPHABET.length);
        fc.pre(secret.charAt(index) !== other);

        assert.equal(parseKey(secret.slice(0, index) + other + secret.slice(index + 1)), null);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused when two neighbours change places', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), (kind, where) => {
        const { secret } = createKey(kind);
        const index = where % (secret.length - 1);
        const [left, right] = [secret.charAt(index), secret.charAt(index + 1)];
        fc.pre(left !== right);

        const swapped = secret.slice(0, index) + right + left + secret.slice(index + 2);

        assert.equal(parseKey(swapped), null);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused when it is cut short or has something added', () => {
    fc.assert(
      fc.property(kinds, fc.string({ minLength: 1 }), fc.nat(), (kind, more, cut) => {
        const { secret } = createKey(kind);

        assert.equal(parseKey(secret + more), null);
        assert.equal(parseKey(more + secret), null);
        assert.equal(parseKey(secret.slice(0, cut % secret.length)), null);
      }),
    );
  });

  it('refuses any other text and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        assert.equal(parseKey(text), null);
      }),
    );
  });

  it('shows a hint with too few characters to guess it', () => {
    const { secret, hint } = createKey('api');

    const shown = hint.split('…');

    assert.ok(secret.startsWith(String(shown[0])) && secret.endsWith(String(shown[1])));
    assert.ok(secret.length - hint.length + 1 >= 40);
  });

  it('drops the random bytes that would make some characters likelier', () => {
    const rounds = [255, 248, 61];

    const { secret } = createKey('hub', (size) => Buffer.alloc(size, rounds.shift()));

    assert.equal(secret.slice(3, -6), 'z'.repeat(43));
  });
});
