import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GEAR_TABLE } from 'gearhash-jit';
import { CHUNK_BYTES_MAX, CHUNK_BYTES_MIN, createChunker } from './chunker.ts';
import { seededBytes } from './seeded-bytes.ts';

function cut(bytes: Uint8Array, pieceBytes: number): readonly Uint8Array[] {
  const chunker = createChunker();
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    chunks.push(...chunker.push(bytes.subarray(at, at + pieceBytes)));
  }
  const last = chunker.end();
  return last === null ? chunks : [...chunks, last];
}

/** The specification's own loop, byte by byte. */
function naiveLengths(bytes: Uint8Array): readonly number[] {
  const lengths: number[] = [];
  let hash = 0n;
  let size = 0;
  for (const byte of bytes) {
    hash = BigInt.asUintN(64, (hash << 1n) + (GEAR_TABLE[byte] ?? 0n));
    size += 1;
    if (size < CHUNK_BYTES_MIN) continue;
    if (size < CHUNK_BYTES_MAX && hash >> 48n !== 0n) continue;
    lengths.push(size);
    hash = 0n;
    size = 0;
  }
  return size === 0 ? lengths : [...lengths, size];
}

describe('the chunker', () => {
  it('cuts where the specification says, however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 600_000 }),
        fc.integer({ min: 1, max: 300_000 }),
        (seed, length, pieceBytes) => {
          const bytes = seededBytes(seed, length);
          const chunks = cut(bytes, Math.max(pieceBytes, 1 + (length >> 8)));

          assert.deepEqual(
            chunks.map((chunk) => chunk.length),
            naiveLengths(bytes),
          );
          assert.ok(Buffer.concat(chunks).equals(bytes));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('ends a chunk at 128 KiB where the content gives no border', () => {
    const lengths = cut(new Uint8Array(300_000), 77_777).map((chunk) => chunk.length);

    assert.deepEqual(lengths, [CHUNK_BYTES_MAX, CHUNK_BYTES_MAX, 300_000 - 2 * CHUNK_BYTES_MAX]);
  });

  it('changes few chunks when bytes are put in before all others', () => {
    const bytes = seededBytes(7, 4_000_000);
    const known = new Set(
      cut(bytes, 1 << 20).map((chunk) => Buffer.from(chunk).toString('base64')),
    );

    const changed = cut(Buffer.concat([Buffer.from('a few bytes'), bytes]), 1 << 20).filter(
      (chunk) => !known.has(Buffer.from(chunk).toString('base64')),
    );

    assert.ok(changed.length <= 2, `${changed.length} chunks are new`);
  });
});
