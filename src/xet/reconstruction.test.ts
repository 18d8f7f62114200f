import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeTerms, encodeTerms, reconstruct, termsWithin } from './reconstruction.ts';
import type { Term } from './shard.ts';
import type { PlacedChunk } from './xorb.ts';

/** Each byte of a chunk is named by its xorb and its place there, so that files can be compared. */
const xorb = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const made = fc.array(xorb, { minLength: 1, maxLength: 3 }).chain((xorbs) =>
  fc.record({
    xorbs: fc.constant(xorbs),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
  }),
);

function nameOf(index: number): string {
  return String(index).padStart(64, '0');
}

function build({ xorbs, picks }: { xorbs: number[][]; picks: [number, number, number][] }) {
  const chunks = new Map<string, readonly PlacedChunk[]>(
    xorbs.map((sizes, index) => {
      let end = 0;
      return [
        nameOf(index),
        sizes.map((sizeBytes) => ({ hash: '', sizeBytes, end: (end += sizeBytes + 8) })),
      ];
    }),
  );
  const terms: Term[] = picks.map(([which, from, count]) => {
    const index = which % xorbs.length;
    const sizes = xorbs[index] ?? [];
    const start = from % sizes.length;
    const end = start + 1 + (count % (sizes.length - start));
    const sizeBytes = sizes.slice(start, end).reduce((sum, size) => sum + size, 0);
    return { xorb: nameOf(index), start, end, sizeBytes };
  });
  return { chunks, terms };
}

function bytesOfTerms(terms: readonly Term[], chunks: ReadonlyMap<string, readonly PlacedChunk[]>) {
  return terms.flatMap(({ xorb: name, start, end }) =>
    (chunks.get(name) ?? [])
      .slice(start, end)
      .flatMap(({ sizeBytes }, index) =>
        Array.from({ length: sizeBytes }, (_, byte) => `${name}/${start + index}/${byte}`),
      ),
  );
}

describe('a reconstruction', () => {
  it('gives exactly the range, from whole chunks that are all fetched, each stretch once', () => {
    fc.assert(
      fc.property(made, fc.nat(80), fc.integer({ min: 1, max: 80 }), (given, from, length) => {
        const { chunks, terms } = build(given);
        const whole = bytesOfTerms(terms, chunks);
        const range = {
          start: from % whole.length,
          end: Math.min(whole.length, (from % whole.length) + length),
        };

        const plan = reconstruct(terms, range, chunks);

        const got = bytesOfTerms(plan.terms, chunks).slice(plan.skippedBytes);
        assert.deepEqual(
          got.slice(0, range.end - range.start),
          whole.slice(range.start, range.end),
        );
        for (const term of plan.terms) {
          const fetches = plan.fetches.get(term.xorb) ?? [];
          const holding = fetches.filter(
            ({ chunks: span }) => span.start <= term.start && span.end >= term.end,
          );
          assert.equal(holding.length, 1);
          assert.equal(term.sizeBytes, bytesOfTerms([term], chunks).length);
        }
        for (const fetches of plan.fetches.values()) {
          for (const [index, fetch] of fetches.entries()) {
            const next = fetches[index + 1];
            assert.ok(next === undefined || fetch.bytes.end < next.bytes.start);
          }
        }
        assert.ok(plan.terms.length <= termsWithin(terms, range).length);
        const first = plan.terms[0];
        const lead = chunks.get(first?.xorb ?? '')?.[first?.start ?? 0]?.sizeBytes ?? 0;
        assert.ok(plan.skippedBytes < lead, 'no chunk is fetched for nothing');
      }),
      { numRuns: 300 },
    );
  });

  it('is kept as it is', () => {
    const terms = [{ xorb: 'ab'.repeat(32), start: 3, end: 9, sizeBytes: 400_000 }];

    assert.deepEqual(decodeTerms(encodeTerms(terms)), terms);
  });
});
