import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { MultipartReader, boundaryOf } from './multipart.ts';

type Part = Readonly<{ name: string; filename: string | null; bytes: string }>;

const BOUNDARY = 'x-boundary';

function formOf(parts: readonly Part[]): Buffer {
  const texts = parts.map(({ name, filename, bytes }) => {
    const file = filename === null ? '' : `; filename="${filename}"`;
    return `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${bytes}\r\n`;
  });
  return Buffer.from(`${texts.join('')}--${BOUNDARY}--\r\n`, 'latin1');
}

function readParts(pieces: readonly Uint8Array[]): readonly Part[] {
  const reader = new MultipartReader(BOUNDARY);
  const parts: Part[] = [];
  let open: { name: string; filename: string | null; bytes: string } | null = null;
  for (const piece of pieces) {
    for (const event of reader.push(piece)) {
      if (event.kind === 'part') open = { ...event.head, bytes: '' };
      else if (event.kind === 'data' && open !== null) open.bytes += event.bytes.toString('latin1');
      else if (event.kind === 'end' && open !== null) parts.push(open);
    }
  }
  assert.ok(reader.isComplete);
  return parts;
}

/** Bytes that look like boundaries and line ends, which is where a cut hurts. */
const bytes = fc
  .array(fc.constantFrom('a', '\r', '\n', '-', '--', '\r\n', `--x-bound`, '\u00ff'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''))
  .filter((text) => !text.includes(`\r\n--${BOUNDARY}`) && !text.startsWith(`--${BOUNDARY}`));

const part = fc
  .record({
    name: fc.constantFrom('file', 'purpose', 'expires_after[seconds]'),
    filename: fc.constantFrom(null, 'batch.jsonl'),
    bytes,
  })
  .map((made) => ({ ...made }));

describe('a multipart form', () => {
  it('reads the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.nat(9), (parts, step) => {
        const form = formOf(parts);
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < form.length; at += step + 1) {
          pieces.push(form.subarray(at, at + step + 1));
        }
        assert.deepEqual(readParts(pieces), parts);
      }),
    );
  });

  it('holds back no more than a boundary', () => {
    const reader = new MultipartReader(BOUNDARY);
    const form = formOf([{ name: 'file', filename: 'f', bytes: 'y'.repeat(10_000) }]);
    let seen = 0;
    for (const event of reader.push(form.subarray(0, 9_000))) {
      if (event.kind === 'data') seen += event.bytes.length;
    }
    assert.ok(seen > 8_800, String(seen));
  });

  it('is refused where a part has no name, or a boundary goes on', () => {
    for (const text of [
      `--${BOUNDARY}\r\ncontent-type: text/plain\r\n\r\nx\r\n--${BOUNDARY}--`,
      `--${BOUNDARY}x\r\n\r\n`,
    ]) {
      const reader = new MultipartReader(BOUNDARY);
      assert.throws(() => [...reader.push(Buffer.from(text))], isRefused);
    }
  });

  it('takes its boundary from the content type, quoted or not', () => {
    assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc');
    assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"'), 'a b');
    for (const wrong of [undefined, 'application/json', 'multipart/form-data']) {
      assert.throws(() => boundaryOf(wrong), isRefused);
    }
  });
});

function isRefused(error: unknown): boolean {
  return error instanceof FlywheelError && error.code === 'upload_invalid';
}
