/**
 * How long a RIFF WAVE plays, from its format and the bytes that are there. Pure. A stream of one says no length
 * (or an impossible one) in its head, so what was sent counts and not what was promised. Microsoft
 * "Multiple Channel Audio Data and WAVE Files".
 */
const HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;

/** Null where it is none. `totalBytes` may be more than is at hand. */
export function waveMs(bytes: Buffer, totalBytes: number): number | null {
  if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, 4) !== 'RIFF') return null;
  if (bytes.toString('latin1', 8, 12) !== 'WAVE') return null;
  let bytesPerSecond: number | null = null;
  for (let at = HEAD_BYTES; at + CHUNK_HEAD_BYTES <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const from = at + CHUNK_HEAD_BYTES;
    if (name === 'fmt ' && from + 16 <= bytes.length) {
      // Worked out and not taken from the field, which a head may fake.
      const [channels, rate] = [bytes.readUInt16LE(from + 2), bytes.readUInt32LE(from + 4)];
      bytesPerSecond = channels * rate * (bytes.readUInt16LE(from + 14) / 8);
    }
    if (name === 'data') {
      if (bytesPerSecond === null || bytesPerSecond === 0) return null;
      const there = totalBytes - from;
      return (Math.min(size === 0 ? there : size, there) / bytesPerSecond) * 1_000;
    }
    at = from + size + (size % 2);
  }
  return null;
}
