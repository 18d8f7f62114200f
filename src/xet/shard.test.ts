import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Shard, encodeShard, parseShard } from './shard.ts';

/** Compared with what the parser makes, whose objects have a prototype. */
const PLAIN = { noNullPrototype: true };
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))
  .filter((text) => text !== 'f'.repeat(64));
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const term = fc
  .record({
    xorb: hash,
    start: fc.nat(8191),
    length: fc.integer({ min: 1, max: 99 }),
    sizeBytes: uint32,
  })
  .map(({ xorb, start, length, sizeBytes }) => ({ xorb, start, end: start + length, sizeBytes }));
const file = fc
  .record({
    hash,
    terms: fc.array(term, { maxLength: 4 }),
    proof: fc.option(hash),
    sha256: fc.option(hash),
  })
  .map(({ proof, ...rest }) => ({
    ...rest,
    proofs: proof === null ? null : rest.terms.map(() => proof),
  }));
const xorb = fc.record(
  {
    hash,
    packedBytes: uint32,
    chunks: fc.array(fc.record({ hash, sizeBytes: fc.nat(131_072) }, PLAIN), { maxLength: 5 }),
  },
  PLAIN,
);
const shard: fc.Arbitrary<Shard> = fc.record(
  {
    files: fc.array(file, { maxLength: 3 }),
    xorbs: fc.array(xorb, { maxLength: 3 }),
  },
  PLAIN,
);

describe('a shard', () => {
  it('is read as it was written, with a footer and without', () => {
    fc.assert(
      fc.property(shard, (given) => {
        const key = { key: new Uint8Array(32), createdAtMs: 1_000, expiresAtMs: 2_000 };

        assert.deepEqual(parseShard(encodeShard(given, null)), given);
        assert.deepEqual(parseShard(encodeShard(given, key)), given);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when it ends anywhere before its end', () => {
    fc.assert(
      fc.property(shard, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
        const bytes = encodeShard(given, null);
        const cut = bytes.subarray(0, Math.floor((bytes.length - 1) * part));
        assert.throws(() => parseShard(cut), { code: 'xet.shard_invalid', status: 400 });
      }),
      { numRuns: 100 },
    );
  });

  it('never makes the parser do anything but answer or refuse', () => {
    fc.assert(
      fc.property(
        shard,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 9 }),
        (given, changes) => {
          const bytes = encodeShard(given, null);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            parseShard(bytes);
          } catch (error) {
            assert.ok(
              error instanceof Error && 'code' in error && error.code === 'xet.shard_invalid',
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that claims four thousand million rows is refused before any is kept', () => {
    const bytes = encodeShard({ files: [], xorbs: [] }, null);
    bytes.fill(7, 48, 80);
    bytes.writeUInt32LE(0xffff_ffff, 48 + 36);

    assert.throws(() => parseShard(bytes), { code: 'xet.shard_invalid' });
  });
});
