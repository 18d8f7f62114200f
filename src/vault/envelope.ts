/**
 * Envelope encryption of one secret: a data key of its own encrypts it, and a master key encrypts the
 * data key. Turning the master key therefore rewrites 60 bytes per secret and never opens one. Both use
 * AES-256-GCM with the owner as associated data, so that a row copied to another tenant or another
 * owner does not open there. Pure but for the random bytes.
 *
 *     sealed = nonce (12) · tag (16) · ciphertext
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { fail } from './errors.ts';

/** 32 bytes and the name that rows remember them by. */
export type MasterKey = Readonly<{ id: string; bytes: Buffer }>;

export type SealedSecret = Readonly<{
  masterKeyId: string;
  /** The data key, sealed by the master key. */
  wrappedKey: Buffer;
  /** The secret, sealed by the data key. */
  ciphertext: Buffer;
}>;

/** What the secret belongs to. */
export type SecretOwner = Readonly<{ tenantId: string; id: string }>;

export const MASTER_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export function sealSecret(text: string, owner: SecretOwner, master: MasterKey): SealedSecret {
  const dataKey = randomBytes(MASTER_KEY_BYTES);
  return {
    masterKeyId: master.id,
    wrappedKey: seal(dataKey, master.bytes, associated('key', owner)),
    ciphertext: seal(Buffer.from(text, 'utf8'), dataKey, associated('secret', owner)),
  };
}

/** Raises `secret.unreadable` for another owner's, another master key's or a damaged one. */
export function openSecret(sealed: SealedSecret, owner: SecretOwner, master: MasterKey): string {
  const dataKey = open(sealed.wrappedKey, master.bytes, associated('key', owner));
  return open(sealed.ciphertext, dataKey, associated('secret', owner)).toString('utf8');
}

/** The same secret under another master key; the secret itself stays closed. */
export function rewrapSecret(
  sealed: SealedSecret,
  owner: SecretOwner,
  keys: Readonly<{ from: MasterKey; to: MasterKey }>,
): SealedSecret {
  const dataKey = open(sealed.wrappedKey, keys.from.bytes, associated('key', owner));
  return {
    ...sealed,
    masterKeyId: keys.to.id,
    wrappedKey: seal(dataKey, keys.to.bytes, associated('key', owner)),
  };
}

/** A master key by its bytes; the id tells nothing of them and is the same wherever they are. */
export function masterKeyOf(bytes: Buffer): MasterKey {
  const digest = createHash('sha256').update('flywheel master key').update(bytes).digest('hex');
  return { id: digest.slice(0, ID_DIGITS), bytes };
}

/** 64 bits: two keys of one cloud never share an id. */
const ID_DIGITS = 16;

function seal(plain: Buffer, key: Buffer, data: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(data);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function open(sealed: Buffer, key: Buffer, data: Buffer): Buffer {
  try {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(data).setAuthTag(tag);
    const body = sealed.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    throw fail(
      'secret.unreadable',
      'A stored secret cannot be opened with the master keys of this cloud. Give it again.',
      { cause },
    );
  }
}

/**
 * As JSON, whose quotes keep any two owners apart. The word `provider` is older than the other secrets and
 * stays, or nothing sealed before would open; ids carry a prefix, so no two kinds of owner meet.
 */
function associated(kind: 'key' | 'secret', { tenantId, id }: SecretOwner): Buffer {
  return Buffer.from(JSON.stringify(['flywheel', 'provider', kind, tenantId, id]));
}
