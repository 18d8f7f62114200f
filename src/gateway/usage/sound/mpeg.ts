/**
 * How long an MP3 or an AAC with ADTS heads plays: its frames are counted, because a head that says their number
 * can say anything. Pure. ISO/IEC 11172-3 section 2.4.2.3, ISO/IEC 13818-7 section 6.2.
 */
const RATES_V1 = [44_100, 48_000, 32_000];
/** Layer III, kbit/s, by index; the first is free format, which nobody uses. */
const KBITS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
  7_350,
];
const AAC_SAMPLES = 1_024;
const HEAD_BYTES = 7;
/** Between tags and frames there may be a little; more is no sound of this kind. */
const RESYNC_BYTES_MAX = 64 * 1024;

type Frame = Readonly<{ bytes: number; ms: number }>;

/** Null where there are no frames. What is not at hand is taken to sound like what is. */
export function mpegMs(bytes: Buffer, totalBytes: number): number | null {
  let at = tagEnd(bytes);
  const firstAt = at;
  let ms = 0;
  let frames = 0;
  let skipped = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const frame = frameAt(bytes, at);
    if (frame === null) {
      skipped += 1;
      if (skipped > RESYNC_BYTES_MAX) break;
      at += 1;
      continue;
    }
    ms += frame.ms;
    frames += 1;
    at += frame.bytes;
  }
  // One frame may be chance in bytes of any kind.
  if (frames < 2) return null;
  const heard = Math.min(at, bytes.length) - firstAt;
  return totalBytes <= bytes.length ? ms : (ms * (totalBytes - firstAt)) / heard;
}

/** Behind an ID3v2 tag, whose size is written in seven bits a byte. */
function tagEnd(bytes: Buffer): number {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 3) !== 'ID3') return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((bytes[at] ?? 0) & 0x7f), 0);
  return 10 + size;
}

function frameAt(bytes: Buffer, at: number): Frame | null {
  if (bytes[at] !== 0xff) return null;
  const second = bytes[at + 1] ?? 0;
  if ((second & 0xf6) === 0xf0) return adtsFrame(bytes, at);
  if ((second & 0xe0) !== 0xe0) return null;
  const [version, layer] = [(second >> 3) & 3, (second >> 1) & 3];
  // Layer III only; 1 is a reserved version.
  if (layer !== 1 || version === 1) return null;
  const third = bytes[at + 2] ?? 0;
  const isV1 = version === 3;
  const kbits = (isV1 ? KBITS_V1 : KBITS_V2)[third >> 4] ?? 0;
  const rateV1 = RATES_V1[(third >> 2) & 3] ?? 0;
  if (kbits === 0 || rateV1 === 0) return null;
  const rate = isV1 ? rateV1 : rateV1 / (version === 2 ? 2 : 4);
  const samples = isV1 ? 1_152 : 576;
  const padding = (third >> 1) & 1;
  const size = Math.floor((samples / 8) * ((kbits * 1_000) / rate)) + padding;
  return { bytes: size, ms: (samples / rate) * 1_000 };
}

function adtsFrame(bytes: Buffer, at: number): Frame | null {
  const rate = AAC_RATES[((bytes[at + 2] ?? 0) >> 2) & 15] ?? 0;
  const [high, middle, low] = [bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes[at + 5] ?? 0];
  const size = ((high & 3) << 11) | (middle << 3) | (low >> 5);
  if (rate === 0 || size < HEAD_BYTES) return null;
  const blocks = ((bytes[at + 6] ?? 0) & 3) + 1;
  return { bytes: size, ms: ((AAC_SAMPLES * blocks) / rate) * 1_000 };
}
