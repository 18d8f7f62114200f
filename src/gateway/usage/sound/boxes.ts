/**
 * How long an MP4 or M4A plays, from its movie head, and a FLAC, from its stream information. Pure.
 * ISO/IEC 14496-12 section 8.2.2, RFC 9639 section 8.2.
 */
const BOX_HEAD_BYTES = 8;
const BOXES_MAX = 1_000;

export function movieMs(bytes: Buffer): number | null {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return null;
  const movie = boxIn(bytes, { from: 0, to: bytes.length }, 'moov');
  const head = movie === null ? null : boxIn(bytes, movie, 'mvhd');
  if (head === null || head.from + 32 > bytes.length) return null;
  const isLong = bytes[head.from] === 1;
  const scale = bytes.readUInt32BE(head.from + (isLong ? 20 : 12));
  const length = isLong
    ? Number(bytes.readBigUInt64BE(head.from + 24))
    : bytes.readUInt32BE(head.from + 16);
  return scale === 0 || length === 0 ? null : (length / scale) * 1_000;
}

export function flacMs(bytes: Buffer): number | null {
  if (bytes.toString('latin1', 0, 4) !== 'fLaC' || bytes.length < 26) return null;
  const packed = bytes.readBigUInt64BE(18);
  const rate = Number(packed >> 44n);
  const samples = Number(packed & 0xf_ffff_ffffn);
  // An encoder that streams does not know how many there will be.
  return rate === 0 || samples === 0 ? null : (samples / rate) * 1_000;
}

type Range = Readonly<{ from: number; to: number }>;

/** The content of the first box of a name. */
function boxIn(bytes: Buffer, { from, to }: Range, name: string): Range | null {
  let at = from;
  for (let count = 0; count < BOXES_MAX && at + BOX_HEAD_BYTES <= to; count += 1) {
    let size = bytes.readUInt32BE(at);
    let head = BOX_HEAD_BYTES;
    if (size === 1 && at + 16 <= to) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      head = 16;
    }
    if (size === 0) size = to - at;
    if (size < head) return null;
    if (bytes.toString('latin1', at + 4, at + 8) === name) {
      return { from: at + head, to: Math.min(at + size, to) };
    }
    at += size;
  }
  return null;
}
