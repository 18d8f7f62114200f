/**
 * Identifiers: a prefix that says what the thing is, then 26 characters of time-ordered randomness
 * (48 bits of milliseconds, 80 random bits, Crockford base 32), so that rows cluster by creation
 * and an id read aloud is never ambiguous.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export type IdPrefix =
  | 'ten' // tenant
  | 'prj' // project
  | 'mem' // member
  | 'key' // key
  | 'mdl' // model
  | 'imp' // import
  | 'dep' // deployment
  | 'rep' // replica
  | 'nod' // node
  | 'gtw' // gateway
  | 'prc' // price
  | 'lse' // lease
  | 'req' // request
  | 'usr'; // person who signs in, whatever the tenants

/** A new id such as `ten_01k9…`; unique without coordination. */
export function createId(prefix: IdPrefix, nowMs = Date.now()): string {
  return `${prefix}_${encodeTime(nowMs)}${encodeRandom(randomBytes(10))}`;
}

function encodeTime(nowMs: number): string {
  let rest = nowMs;
  let text = '';
  for (let position = 0; position < 10; position += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}
