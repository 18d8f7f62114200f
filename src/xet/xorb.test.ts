import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { groupBytes, ungroupBytes } from './byte-groups.ts';
import { CHUNK_BYTES_MAX } from './chunker.ts';
import { openHashes } from './hash.ts';
import { compressFrame, decompressFrame } from './lz4.ts';
import { seededBytes } from './seeded-bytes.ts';
import {
  SCHEME,
  type Scheme,
  decodeChunks,
  encodeChunks,
  inspectXorb,
  packFrame,
  readFrames,
  unpack,
} from './xorb.ts';
import { xxHash32 } from './xxhash32.ts';

const hashes = await openHashes();

/** From what never compresses to what nearly vanishes. */
const chunkBytes = fc
  .tuple(fc.integer(), fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 256 }))
  .map(([seed, length, spread]) => seededBytes(seed, length).map((byte) => byte % spread));
const scheme = fc.constantFrom<Scheme>(SCHEME.plain, SCHEME.lz4, SCHEME.groupedLz4);

describe('LZ4 frames', () => {
  it('give back what went in, and are never larger', () => {
    fc.assert(
      fc.property(chunkBytes, (bytes) => {
        const frame = compressFrame(bytes);
        if (frame === null) return;
        const output = new Uint8Array(bytes.length);
        assert.ok(frame.length < bytes.length);
        assert.ok(decompressFrame(frame, output));
        assert.deepEqual(output, bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('are read with checksums, a size and blocks that reach back', () => {
    const text = Buffer.from('flywheel\n'.repeat(12)).subarray(0, 100);
    const frame = frameOf(text);
    const output = new Uint8Array(text.length);

    assert.ok(decompressFrame(frame, output));
    assert.deepEqual(Buffer.from(output), text);
    for (let at = 0; at < frame.length; at += 1) {
      const torn = Buffer.from(frame);
      torn[at] = (torn[at] ?? 0) ^ 1;
      const read = decompressFrame(torn, output);
      assert.ok(!read || Buffer.from(output).equals(text), `byte ${at}`);
    }
  });

  it('are refused when anything is wrong with them, and nothing is written outside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(500), (noise, length) => {
        const head = compressFrame(new Uint8Array(400))?.subarray(0, 7) ?? new Uint8Array();
        const output = new Uint8Array(length);
        assert.equal(typeof decompressFrame(noise, output), 'boolean');
        assert.equal(typeof decompressFrame(Buffer.concat([head, noise]), output), 'boolean');
      }),
      { numRuns: 300 },
    );
  });

  it('use the checksum that its specification gives', () => {
    assert.equal(xxHash32(Buffer.from('')), 0x02cc5d05);
    assert.equal(xxHash32(Buffer.from('abc')), 0x32d153ff);
    assert.equal(xxHash32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f);
  });
});

/** A frame with every option there is: two linked blocks, both checksums, the size. */
function frameOf(text: Buffer): Buffer {
  const head = Buffer.alloc(15);
  head.writeUInt32LE(0x184d2204, 0);
  head[4] = 0b0101_1100;
  head[5] = 0b0100_0000;
  head.writeBigUInt64LE(BigInt(text.length), 6);
  head[14] = (xxHash32(head.subarray(4, 14)) >>> 8) & 0xff;
  // Nine literals; then a copy from nine bytes back that runs to the last five literals.
  const first = Buffer.concat([Buffer.from([0x90]), text.subarray(0, 9)]);
  const second = Buffer.concat([
    Buffer.from([0x0f, 9, 0, 86 - 4 - 15, 0x50]),
    text.subarray(95, 100),
  ]);
  const block = (bytes: Buffer): Buffer => {
    const ends = Buffer.alloc(8);
    ends.writeUInt32LE(bytes.length, 0);
    ends.writeUInt32LE(xxHash32(bytes), 4);
    return Buffer.concat([ends.subarray(0, 4), bytes, ends.subarray(4)]);
  };
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(xxHash32(text), 4);
  return Buffer.concat([head, block(first), block(second), tail]);
}

describe('grouped bytes', () => {
  it('stand by their place in the word, also where the last word is short', () => {
    assert.deepEqual(
      [...groupBytes(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))],
      [0, 4, 8, 1, 5, 9, 2, 6, 3, 7],
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const back = new Uint8Array(bytes.length);
        ungroupBytes(groupBytes(bytes), back);
        assert.deepEqual(back, new Uint8Array(bytes));
      }),
    );
  });
});

describe('a xorb', () => {
  it('gives back its chunks, however each is packed, and where they lie', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(chunkBytes, scheme), { minLength: 1, maxLength: 5 }),
        (given) => {
          const xorb = Buffer.concat(given.map(([bytes, wished]) => packFrame(bytes, wished)));

          const { chunks, hash, framesBytes } = inspectXorb(hashes, xorb);

          assert.deepEqual(
            [...readFrames(xorb)].map((frame) => Buffer.from(unpack(frame))),
            given.map(([bytes]) => Buffer.from(bytes)),
          );
          assert.equal(framesBytes, xorb.length);
          assert.equal(hash, hashes.xorb(chunks));
          assert.deepEqual(decodeChunks(encodeChunks(chunks)), chunks);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('may have a footer, which is not kept', () => {
    const frames = packFrame(Buffer.from('a chunk'), SCHEME.plain);
    const footer = Buffer.alloc(40);
    footer.write('XETBLOB');
    footer.writeUInt32LE(36, 36);

    assert.equal(inspectXorb(hashes, Buffer.concat([frames, footer])).framesBytes, frames.length);
    footer.writeUInt32LE(35, 36);
    assert.throws(() => inspectXorb(hashes, Buffer.concat([frames, footer])), {
      code: 'xet.xorb_invalid',
    });
  });

  it('is refused when it is cut anywhere, empty, or holds a chunk out of bounds', () => {
    const frame = packFrame(new Uint8Array(500), SCHEME.lz4);
    for (let length = 0; length < frame.length; length += 1) {
      assert.throws(() => inspectXorb(hashes, frame.subarray(0, length)), {
        code: 'xet.xorb_invalid',
        status: 400,
      });
    }
    const large = packFrame(new Uint8Array(CHUNK_BYTES_MAX + 1), SCHEME.plain);
    const unknown = Uint8Array.from(frame);
    unknown[4] = 3;
    const longer = Uint8Array.from(frame);
    longer[5] = (longer[5] ?? 0) + 1;
    for (const wrong of [large, unknown, longer]) {
      assert.throws(() => inspectXorb(hashes, wrong), { code: 'xet.xorb_invalid' });
    }
  });

  it('is refused or has another hash when a bit of it flips', () => {
    const xorb = Buffer.concat(
      [1, 2].map((seed) =>
        packFrame(
          seededBytes(seed, 300).map((byte) => byte % 3),
          SCHEME.lz4,
        ),
      ),
    );
    const { hash } = inspectXorb(hashes, xorb);
    const changed = fc.record({ at: fc.nat(xorb.length - 1), bit: fc.nat(7) });
    fc.assert(
      fc.property(changed, ({ at, bit }) => {
        const torn = Buffer.from(xorb);
        torn[at] = (torn[at] ?? 0) ^ (1 << bit);
        try {
          const read = inspectXorb(hashes, torn);
          const same = [...readFrames(torn)].map((frame) => Buffer.from(unpack(frame)));
          const before = [...readFrames(xorb)].map((frame) => Buffer.from(unpack(frame)));
          assert.equal(read.hash === hash, Buffer.concat(same).equals(Buffer.concat(before)));
        } catch (error) {
          assert.ok(error instanceof Error && 'code' in error && error.code === 'xet.xorb_invalid');
        }
      }),
      { numRuns: 200 },
    );
  });
});
