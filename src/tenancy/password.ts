/**
 * First passwords, made here and read by a person off a screen: four groups of four characters that
 * cannot be mistaken for each other, 80 random bits. Pure but for the random bytes.
 */
import { randomBytes } from 'node:crypto';

/** Crockford's base 32 in lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** What people may choose for themselves; the upper end keeps hashing cheap. */
export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 128;

/** Such as `k7mq-x2fd-9wtr-hc4v`. */
export function createPassword(): string {
  const letters = Array.from(randomBytes(GROUPS * GROUP_LENGTH), (byte) =>
    ALPHABET.charAt(byte % ALPHABET.length),
  );
  return Array.from({ length: GROUPS }, (_, group) =>
    letters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join(''),
  ).join('-');
}
