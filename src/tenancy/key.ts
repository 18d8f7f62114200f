/**
 * The text of a key. `sk-fw-…` keys call the APIs; `hf_…` tokens are what hub clients accept: letters
 * and digits only, at least 34 of them, because llama.cpp sends no other shape. Both end in a CRC-32
 * of what stands before, so that a typo or a made-up key is refused without a look-up. Pure.
 *
 * A secret has 256 random bits, so its plain SHA-256 cannot be guessed back and is what we store.
 * Look-ups are by that hash: how long they take says nothing of the secret.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The shape of the text; a playground key looks like an API key. */
export type KeyKind = 'api' | 'hub';

export type CreatedKey = Readonly<{
  secret: string;
  sha256: Buffer;
  /** Enough to recognise the key in a list, too little to guess it. */
  hint: string;
}>;

export type ParsedKey = Readonly<{ kind: KeyKind; secretSha256: string }>;

const PREFIXES: Readonly<Record<KeyKind, string>> = { api: 'sk-fw-', hub: 'hf_' };

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 characters of 62 carry 256 bits. */
const RANDOM_LENGTH = 43;
/** 62^6 is the first power above 2^32. */
const CHECKSUM_LENGTH = 6;
const BODY_LENGTH = RANDOM_LENGTH + CHECKSUM_LENGTH;

/** Characters of a hint on each side of its dots; the right ones belong to the checksum. */
const HINT_LENGTH = 4;

/** Makes a new secret. `random` is for tests. */
export function createKey(
  kind: KeyKind,
  random: (size: number) => Buffer = randomBytes,
): CreatedKey {
  const text = PREFIXES[kind] + randomText(random);
  const secret = text + checksum(text);
  return {
    secret,
    sha256: createHash('sha256').update(secret).digest(),
    hint: hintOf(secret),
  };
}

/** Such as `sk-fw-Ab3d…9Zx1`, of any of our keys. */
export function hintOf(secret: string): string {
  const kind = kindOf(secret) ?? 'api';
  return `${secret.slice(0, PREFIXES[kind].length + HINT_LENGTH)}…${secret.slice(-HINT_LENGTH)}`;
}

/** Null when the text cannot be one of our keys: wrong shape or wrong checksum. */
export function parseKey(text: string): ParsedKey | null {
  const kind = kindOf(text);
  if (kind === null) return null;
  const checked = text.slice(0, -CHECKSUM_LENGTH);
  if (checksum(checked) !== text.slice(-CHECKSUM_LENGTH)) return null;
  return { kind, secretSha256: createHash('sha256').update(text).digest('hex') };
}

function kindOf(text: string): KeyKind | null {
  if (matches(text, PREFIXES.api)) return 'api';
  return matches(text, PREFIXES.hub) ? 'hub' : null;
}

function matches(text: string, prefix: string): boolean {
  if (text.length !== prefix.length + BODY_LENGTH || !text.startsWith(prefix)) return false;
  for (let index = prefix.length; index < text.length; index += 1) {
    if (!ALPHABET.includes(text.charAt(index))) return false;
  }
  return true;
}

/** Bytes from 248 up are dropped, so that every character is equally likely. */
function randomText(random: (size: number) => Buffer): string {
  let text = '';
  while (text.length < RANDOM_LENGTH) {
    for (const byte of random(RANDOM_LENGTH)) {
      if (byte < 248 && text.length < RANDOM_LENGTH) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let position = 0; position < CHECKSUM_LENGTH; position += 1) {
    out = ALPHABET.charAt(rest % 62) + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}
