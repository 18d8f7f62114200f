/**
 * DashScope names a request by a UUID in the body. Ours are 128 bits too (48 of time, 80 random, in
 * base 32 behind a prefix), so the one is the other written differently: whoever quotes either finds
 * the request. https://www.rfc-editor.org/rfc/rfc9562 section 4 for the form.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LETTERS = 26;
const HEX_DIGITS = 32;

/** The UUID of one of our ids; an id that is not ours stays as it is. */
export function uuidOf(id: string): string {
  const letters = id.slice(id.lastIndexOf('_') + 1);
  if (letters.length !== LETTERS) return id;
  let bits = 0n;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value === -1) return id;
    bits = (bits << 5n) | BigInt(value);
  }
  const hex = bits.toString(16).padStart(HEX_DIGITS, '0');
  // 26 letters are 130 bits; the time before the year 10889 leaves the first two empty.
  if (hex.length > HEX_DIGITS) return id;
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** Back to our id, or null where the text is no UUID. */
export function idOfUuid(prefix: string, uuid: string): string | null {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(uuid)) return null;
  let bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let letters = '';
  for (let at = 0; at < LETTERS; at += 1) {
    letters = ALPHABET.charAt(Number(bits & 31n)) + letters;
    bits >>= 5n;
  }
  return `${prefix}_${letters}`;
}
