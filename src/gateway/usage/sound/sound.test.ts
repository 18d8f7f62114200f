import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { rawPcmMs, soundMs } from './sound.ts';

function wave(seconds: number, changes: Readonly<{ dataSize?: number; byteRate?: number }> = {}) {
  const [rate, channels, bits] = [16_000, 1, 16];
  const data = Buffer.alloc(seconds * rate * channels * (bits / 8));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(changes.byteRate ?? rate * channels * (bits / 8), 28);
  head.writeUInt16LE(channels * (bits / 8), 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(changes.dataSize ?? data.length, 40);
  return Buffer.concat([head, data]);
}

/** MPEG-1 Layer III, 128 kbit/s at 44,100 Hz: 417 bytes and 26.12 ms a frame. */
function mp3(frames: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

function page(position: bigint, packet: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.write('OggS', 0, 'latin1');
  head.writeBigInt64LE(position, 6);
  head[26] = 1;
  head[27] = packet.length;
  return Buffer.concat([head, packet]);
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, content]);
}

describe('the length of sound', () => {
  it('of a wave is that of its samples', () => {
    assert.equal(soundMs(wave(3)), 3_000);
  });

  it('of a wave that was streamed is that of what came, whatever its head promised', () => {
    assert.equal(soundMs(wave(3, { dataSize: 0xffff_ffff })), 3_000);
    assert.equal(soundMs(wave(3, { byteRate: 1_000_000_000 })), 3_000);
    assert.equal(soundMs(wave(1, { dataSize: 0 }).subarray(0, 44), 44 + 64_000), 2_000);
  });

  it('of an MP3 is that of its frames, behind a tag too', () => {
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x02\0', 'latin1'), Buffer.alloc(256)]);
    const expected = Math.round((1_152 / 44_100) * 1_000 * 100);

    assert.equal(Math.round(soundMs(mp3(100)) ?? 0), expected);
    assert.equal(Math.round(soundMs(Buffer.concat([tag, mp3(100)])) ?? 0), expected);
    assert.equal(Math.round(soundMs(mp3(50), 417 * 100) ?? 0), expected);
  });

  it('of Opus is where its last page ends', () => {
    const bytes = Buffer.concat([
      page(0n, Buffer.from('OpusHead\x01\x01', 'latin1')),
      page(-1n, Buffer.alloc(40)),
      page(96_000n, Buffer.alloc(40)),
    ]);

    assert.equal(soundMs(bytes), 2_000);
  });

  it('of an M4A stands in its movie head, and of a FLAC in its stream information', () => {
    const head = Buffer.alloc(100);
    head.writeUInt32BE(1_000, 12);
    head.writeUInt32BE(7_500, 16);
    const movie = Buffer.concat([
      box('ftyp', Buffer.from('M4A \0\0\0\0', 'latin1')),
      box('mdat', Buffer.alloc(50)),
      box('moov', box('mvhd', head)),
    ]);
    const flac = Buffer.alloc(64);
    flac.write('fLaC', 0, 'latin1');
    flac.writeBigUInt64BE((16_000n << 44n) | 40_000n, 18);

    assert.equal(soundMs(movie), 7_500);
    assert.equal(soundMs(flac), 2_500);
  });

  it('without a head is counted by its bytes', () => {
    assert.equal(rawPcmMs(96_000), 2_000);
  });

  it('is not known of anything else, and nothing breaks it', () => {
    assert.equal(soundMs(Buffer.from('<html>no sound</html>')), null);
    fc.assert(
      fc.property(
        fc.constantFrom('RIFF', 'OggS', 'fLaC', 'ID3', '\xff\xfb', '\0\0\0\x18ftyp', ''),
        fc.uint8Array({ maxLength: 300 }),
        (start, rest) => {
          const ms = soundMs(Buffer.concat([Buffer.from(start, 'latin1'), rest]));

          assert.ok(ms === null || ms > 0);
        },
      ),
    );
  });
});
