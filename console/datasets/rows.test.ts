/** What the viewer reads: rows of Parquet, JSON lines and CSV, and what it says of files that it cannot read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cellPicture, cellText } from './cell-text.ts';
import { canView, sortViewable } from './formats.ts';
import { openParquet } from './parquet-rows.ts';
import { type RowSource, Unreadable } from './row-source.ts';
import { parseDelimited, readDelimited, readJsonLines } from './text-rows.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'test', 'console', 'parquet');

type Reading = Readonly<{ source: RowSource; ranges: (readonly [number, number])[] }>;

async function openSample(name: string): Promise<Reading> {
  const bytes = readFileSync(join(SAMPLES, name));
  const ranges: (readonly [number, number])[] = [];
  const source = await openParquet(async (start, end) => {
    ranges.push([start, end]);
    return new Uint8Array(bytes.subarray(start, end)).buffer;
  }, bytes.length);
  return { source, ranges };
}

describe('rows of Parquet', () => {
  it('are read page by page, with their types, over the borders of groups', async () => {
    const { source } = await openSample('snappy.parquet');
    const rows = await source.readRows(23, 27);

    assert.equal(source.rowCount, 60);
    assert.deepEqual(
      source.columns.map(({ name, type }) => `${name}: ${type}`),
      ['id: int', 'text: string', 'score: float', 'day: timestamp', 'image: bytes'],
    );
    assert.deepEqual(
      rows.map(([id, text]) => [id, text]),
      [23n, 24n, 25n, 26n].map((id) => [
        id,
        `The ${['ant', 'bee', 'cat', 'dog', 'elk'][Number(id) % 5]} says ${id}. 中文`,
      ]),
    );
    assert.equal(cellPicture(rows[0]?.[4])?.type, 'image/png');
    assert.equal(cellText(rows[0]?.[3]), '2026-01-24');
  });

  it('of Zstandard too', async () => {
    const { source } = await openSample('zstd.parquet');

    assert.equal((await source.readRows(0, 5)).length, 5);
  });

  it('of another compression are refused with its name', async () => {
    await assert.rejects(openSample('gzip.parquet'), (error: unknown) => {
      assert.ok(error instanceof Unreadable);
      assert.deepEqual([error.reason, error.detail], ['codec', 'GZIP']);
      return true;
    });
  });

  it('that are no Parquet are refused, however they are damaged', async () => {
    const whole = readFileSync(join(SAMPLES, 'zstd.parquet'));
    const damages = fc.record({ at: fc.nat(whole.length - 1), keep: fc.nat(whole.length - 1) });
    await fc.assert(
      fc.asyncProperty(damages, async ({ at, keep }) => {
        const bytes = new Uint8Array(whole.subarray(0, keep));
        bytes[Math.min(at, keep - 1)] = 0xff;
        const read = async (start: number, end: number) => bytes.slice(start, end).buffer;
        await assert.rejects(openParquet(read, bytes.length), Unreadable);
      }),
      { numRuns: 50 },
    );
  });
});

describe('rows of text files', () => {
  it('of JSON lines have the columns of all of them', async () => {
    const source = readJsonLines({ text: '{"a":1}\n{"a":2.5,"b":["x"]}\n\n[3]\n', isCut: false });

    assert.deepEqual(source.columns, [
      { name: 'a', type: 'float' },
      { name: 'b', type: 'list' },
      { name: 'value', type: 'list' },
    ]);
    assert.deepEqual(await source.readRows(0, 9), [
      [1, null, null],
      [2.5, ['x'], null],
      [null, null, [3]],
    ]);
  });

  it('leave out a last line that is cut, and say which line is wrong', () => {
    const cut = readJsonLines({ text: '{"a":1}\n{"a":', isCut: true });

    assert.deepEqual([cut.rowCount, cut.isCut], [1, true]);
    assert.throws(
      () => readJsonLines({ text: '{"a":1}\nnot json\n', isCut: false }),
      (error: unknown) => error instanceof Unreadable && error.detail === 'not json',
    );
  });

  it('of CSV are quoted as RFC 4180 has it, and stay what they are', async () => {
    const text = 'name,"a ""b""",id\r\n"x, y",1.5,007\r\n"two\nlines",,8\r\n';
    const source = readDelimited({ text, isCut: false }, ',');

    assert.deepEqual(
      source.columns.map(({ name, type }) => [name, type]),
      [
        ['name', 'string'],
        ['a "b"', 'float'],
        ['id', 'mixed'],
      ],
    );
    assert.deepEqual(await source.readRows(0, 2), [
      ['x, y', 1.5, '007'],
      ['two\nlines', null, 8],
    ]);
  });

  it('of CSV come back as they were written', () => {
    const cell = fc.string({ maxLength: 8 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`));
        const text = quoted.map((row) => row.join(',')).join('\n');
        assert.deepEqual(parseDelimited(text, ','), rows);
      }),
    );
  });
});

describe('what is viewed', () => {
  it('is Parquet, JSON lines and CSV, the rows to train on first', () => {
    const files = ['b.csv', 'data/test.parquet', 'data/train.parquet', 'x.tar', 'empty.csv'];
    const sized = files.map((path) => ({ path, size: path === 'empty.csv' ? 0 : 1 }));

    assert.deepEqual(
      sortViewable(sized).map(({ path }) => path),
      ['data/train.parquet', 'b.csv', 'data/test.parquet'],
    );
    assert.equal(canView('weights.safetensors'), false);
  });

  it('is cut and never breaks, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }),
        (value) => {
          assert.equal(typeof cellText(value), 'string');
          cellPicture(value);
        },
      ),
    );
    assert.equal(cellText('x'.repeat(30_000)).length, 20_000);
    assert.equal(cellText(1 / 3), '0.3333333');
    assert.equal(cellText({ bytes: new Uint8Array(3), n: 2n }), '{ "bytes": "3 bytes", "n": 2 }');
  });
});
