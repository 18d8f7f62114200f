/** A value of a row as text, as a picture, or as a number of bytes. Pure. */
export type CellPicture = Readonly<{ bytes: Uint8Array; type: string }>;

/** Values are shown to be recognised; more is one click away. */
const TEXT_LENGTH_MAX = 20_000;
/** Of a number; what comes behind is rounding. */
const DIGITS = 7;
/** Of text that nobody said to be text. */
const DECODED_BYTES_MAX = 64 * 1024;

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.slice(0, TEXT_LENGTH_MAX);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value === 'object') return jsonText(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
  }
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

function dateText(value: Date): string {
  return Number.isNaN(value.getTime()) ? '' : value.toISOString().replace(/T00:00:00\.000Z$/, '');
}

/** Text where it reads as one: old writers do not say which bytes are letters. */
function bytesText(bytes: Uint8Array): string {
  const text = decoded(bytes.subarray(0, DECODED_BYTES_MAX));
  if (text !== null) return text.slice(0, TEXT_LENGTH_MAX);
  const first = [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${first.join(' ')}${bytes.length > 16 ? ' …' : ''}`;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    // eslint-disable-next-line no-control-regex -- what holds them is no text.
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
  } catch {
    // Bytes that are no letters: that is the answer.
    return null;
  }
}

/** Bytes deep inside are said by their number: a picture as text would fill the page. */
function jsonText(value: object): string {
  const text = JSON.stringify(
    value,
    (_key, inner: unknown) => {
      if (typeof inner === 'bigint') return Number(inner);
      if (inner instanceof Uint8Array) return `${inner.length} bytes`;
      return inner;
    },
    1,
  );
  return text.replace(/\s*\n\s*/g, ' ').slice(0, TEXT_LENGTH_MAX);
}

/** Pictures as `datasets` keeps them, bytes with a path, or bytes alone; known by how they begin. */
export function cellPicture(value: unknown): CellPicture | null {
  const bytes = value instanceof Uint8Array ? value : innerBytes(value);
  if (bytes === null) return null;
  const type = SIGNATURES.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1];
  return type === undefined ? null : { bytes, type };
}

const SIGNATURES: readonly (readonly [mark: readonly number[], type: string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], 'image/png'],
  [[0xff, 0xd8, 0xff], 'image/jpeg'],
  [[0x47, 0x49, 0x46, 0x38], 'image/gif'],
  [[0x52, 0x49, 0x46, 0x46], 'image/webp'],
];

function innerBytes(value: unknown): Uint8Array | null {
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return null;
  return value.bytes instanceof Uint8Array ? value.bytes : null;
}
