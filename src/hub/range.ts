/** The `Range` header of RFC 9110, section 14, for one range of a blob. Pure. */
import type { ByteRange } from '#platform/objects.ts';

/**
 * Null when the whole is meant: no header, another unit, several ranges or nonsense, all of which a
 * server may answer in full.
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): Required<ByteRange> | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') return suffix(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return null;
  return start < sizeBytes ? { start, end } : 'unsatisfiable';
}

/** The last `length` bytes. */
function suffix(length: number, sizeBytes: number): Required<ByteRange> | 'unsatisfiable' {
  if (length === 0 || sizeBytes === 0) return 'unsatisfiable';
  return { start: Math.max(0, sizeBytes - length), end: sizeBytes };
}
