import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { admittedOf, identityOf, settledOf } from '../../test/usage-records.ts';
import { HEADER_BYTES, RECORD_BYTES_MAX, encodeFrame, scanFrames } from './frame.ts';
import type { JournalRecord } from './usage-event.ts';

const record: fc.Arbitrary<JournalRecord> = fc
  .tuple(fc.constantFrom('admitted', 'settled', 'progress'), fc.string({ unit: 'grapheme' }))
  .map(([kind, modelName]) => {
    const identity = identityOf({ modelName });
    if (kind === 'admitted') return admittedOf(identity);
    const settled = settledOf(identity);
    if (kind === 'settled') return settled;
    return { kind: 'progress', requestId: identity.requestId, attempt: 0, usage: settled.usage };
  });

const parse = (payload: Buffer): unknown => JSON.parse(payload.toString('utf8'));

describe('frames', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const bytes = Buffer.concat(records.map(encodeFrame));

        const scan = scanFrames(bytes, true);

        assert.deepEqual(
          scan.frames.map(({ kind, payload }) => [kind, parse(payload)]),
          records.map((each) => [each.kind, { ...each }]),
        );
        assert.deepEqual([scan.gaps, scan.end], [[], bytes.length]);
      }),
    );
  });

  it('cut anywhere keep every whole frame before the cut and nothing after it', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), (records, at) => {
        const frames = records.map(encodeFrame);
        const bytes = Buffer.concat(frames);
        const cut = at % bytes.length;

        const scan = scanFrames(bytes.subarray(0, cut), true);

        let whole = 0;
        let end = 0;
        for (const frame of frames) {
          if (end + frame.length > cut) break;
          end += frame.length;
          whole += 1;
        }
        assert.equal(scan.frames.length, whole);
        assert.equal(scan.end, end);
      }),
    );
  });

  it('with one byte changed lose that one record and say where', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 3, maxLength: 5 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (records, at, change) => {
          const frames = records.map(encodeFrame);
          const bytes = Buffer.concat(frames);
          const last = frames.at(-1)?.length ?? 0;
          const place = at % (bytes.length - last);
          bytes[place] = (bytes[place] ?? 0) ^ change;

          const scan = scanFrames(bytes, true);

          assert.equal(scan.frames.length, records.length - 1);
          const gap = scan.gaps[0];
          assert.ok(gap !== undefined && gap.from <= place && place < gap.to);
          assert.equal(scan.end, bytes.length);
        },
      ),
    );
  });

  it('have a limit', () => {
    const modelName = 'x'.repeat(RECORD_BYTES_MAX);
    assert.throws(() => encodeFrame(settledOf(identityOf({ modelName }))), {
      code: 'journal.record_too_large',
    });
    assert.ok(HEADER_BYTES < 16);
  });
});
