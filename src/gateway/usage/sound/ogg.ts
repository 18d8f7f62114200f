/**
 * How long an Ogg stream of Opus or Vorbis plays: its last page says how many samples came before. Pure.
 * RFC 3533 section 6, RFC 7845 section 4.
 */
const PAGE_HEAD_BYTES = 27;
/** Opus counts at this rate whatever was recorded. */
const OPUS_RATE = 48_000;

export function oggMs(bytes: Buffer, totalBytes: number): number | null {
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return null;
  const rate = rateOf(bytes);
  if (rate === null) return null;
  let samples: number | null = null;
  let at = 0;
  while (at + PAGE_HEAD_BYTES <= bytes.length && bytes.toString('latin1', at, at + 4) === 'OggS') {
    const position = bytes.readBigInt64LE(at + 6);
    // -1 is a page on which no packet ends.
    if (position >= 0n) samples = Number(position);
    const segments = bytes[at + 26] ?? 0;
    let size = PAGE_HEAD_BYTES + segments;
    for (let index = 0; index < segments; index += 1)
      size += bytes[at + PAGE_HEAD_BYTES + index] ?? 0;
    at += size;
  }
  if (samples === null) return null;
  const ms = (samples / rate) * 1_000;
  return totalBytes <= bytes.length ? ms : (ms * totalBytes) / Math.min(at, bytes.length);
}

function rateOf(bytes: Buffer): number | null {
  const packet = PAGE_HEAD_BYTES + (bytes[26] ?? 0);
  if (bytes.toString('latin1', packet, packet + 8) === 'OpusHead') return OPUS_RATE;
  if (bytes.toString('latin1', packet + 1, packet + 7) !== 'vorbis') return null;
  return packet + 16 <= bytes.length ? bytes.readUInt32LE(packet + 12) || null : null;
}
