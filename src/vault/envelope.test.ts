import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { masterKeyOf, openSecret, rewrapSecret, sealSecret } from './envelope.ts';

const MASTER = masterKeyOf(randomBytes(32));
const OTHER = masterKeyOf(randomBytes(32));
const OWNER = { tenantId: 'ten_one', id: 'prv_one' };

const isUnreadable = (error: unknown): boolean =>
  error instanceof FlywheelError && error.code === 'secret.unreadable';

describe('a sealed secret', () => {
  it('opens for its owner with its master key, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (text, tenantId, id) => {
          const owner = { tenantId, id };
          assert.equal(openSecret(sealSecret(text, owner, MASTER), owner, MASTER), text);
        },
      ),
    );
  });

  it('does not open for another tenant, another provider or with another master key', () => {
    const sealed = sealSecret('sk-one', OWNER, MASTER);

    for (const owner of [
      { ...OWNER, tenantId: 'ten_two' },
      { ...OWNER, id: 'prv_two' },
      { tenantId: 'ten_oneprv_one', id: '' },
    ]) {
      assert.throws(() => openSecret(sealed, owner, MASTER), isUnreadable);
    }
    assert.throws(() => openSecret(sealed, OWNER, OTHER), isUnreadable);
  });

  it('does not open when any byte was changed or cut off', () => {
    const sealed = sealSecret('sk-one', OWNER, MASTER);
    for (const part of ['ciphertext', 'wrappedKey'] as const) {
      for (let at = 0; at < sealed[part].length; at += 1) {
        const changed = Buffer.from(sealed[part]);
        changed[at] = (changed[at] ?? 0) ^ 1;
        assert.throws(
          () => openSecret({ ...sealed, [part]: changed }, OWNER, MASTER),
          isUnreadable,
        );
        const cut = sealed[part].subarray(0, at);
        assert.throws(() => openSecret({ ...sealed, [part]: cut }, OWNER, MASTER), isUnreadable);
      }
    }
  });

  it('is never the same twice and never holds the secret', () => {
    const one = sealSecret('sk-one-secret', OWNER, MASTER);
    const two = sealSecret('sk-one-secret', OWNER, MASTER);

    assert.notDeepEqual(one.ciphertext, two.ciphertext);
    assert.notDeepEqual(one.wrappedKey, two.wrappedKey);
    assert.equal(one.ciphertext.includes('sk-one-secret'), false);
  });

  it('turns to another master key without being opened, and no longer needs the old one', () => {
    const sealed = sealSecret('sk-one', OWNER, MASTER);
    const turned = rewrapSecret(sealed, OWNER, { from: MASTER, to: OTHER });

    assert.deepEqual(turned.ciphertext, sealed.ciphertext);
    assert.equal(openSecret(turned, OWNER, OTHER), 'sk-one');
    assert.throws(() => openSecret(turned, OWNER, MASTER), isUnreadable);
  });
});
