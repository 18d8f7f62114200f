import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { copyRows, copyText } from './copy.ts';
import { sql, transaction } from './database.ts';
import { codeOf } from './error.ts';

const { database } = await createTestDatabase();
await sql`create table copied (id integer primary key, text text)`.execute(database);

const COPY = 'copy copied (id, text) from stdin';
const rowOf = ([id, text]: readonly [number, string | null]): string => `${id}\t${copyText(text)}`;

async function stored(): Promise<readonly (readonly [number, string | null])[]> {
  const { rows } = await sql<{ id: number; text: string | null }>`
    select id, text from copied order by id`.execute(database);
  return rows.map(({ id, text }) => [id, text]);
}

describe('copied rows', () => {
  it('come out as they went in, whatever characters they have', async () => {
    const text = fc
      .string({
        unit: fc.constantFrom('a', '\\', '\t', '\n', '\r', 'N', '.', 'é', '漢', '😀', '\u0001'),
      })
      .map((made) => made.toWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 40 }), async (texts) => {
        await sql`truncate copied`.execute(database);
        const rows = texts.map((each, id) => [id, each] as const);

        await transaction(database, (tx) => copyRows(tx, COPY, rows.map(rowOf)));

        assert.deepEqual(await stored(), rows);
      }),
      { numRuns: 30 },
    );
  });

  it('are gone again when one of them is refused, and the connection goes on', async () => {
    await sql`truncate copied`.execute(database);
    const twice = [rowOf([1, 'one']), rowOf([2, 'two']), rowOf([1, 'again'])];

    await assert.rejects(
      transaction(database, (tx) => copyRows(tx, COPY, twice)),
      (error) => codeOf(error) === '23505',
    );
    await assert.rejects(transaction(database, (tx) => copyRows(tx, COPY, ['x\ty'])));
    await assert.rejects(
      transaction(database, (tx) => copyRows(tx, 'copy nowhere (id) from stdin', ['1'])),
    );

    assert.deepEqual(await stored(), []);
    await transaction(database, (tx) => copyRows(tx, COPY, [rowOf([3, 'three'])]));
    assert.deepEqual(await stored(), [[3, 'three']]);
  });

  it('of several writers at a time all arrive, between other statements of theirs', async () => {
    await sql`truncate copied`.execute(database);
    const big = 'x'.repeat(2_000);

    await Promise.all(
      Array.from({ length: 8 }, (_, writer) =>
        transaction(database, async (tx) => {
          await sql`select ${writer}::int`.execute(tx);
          const ids = Array.from({ length: 100 }, (__, index) => writer * 100 + index);
          await copyRows(
            tx,
            COPY,
            ids.map((id) => rowOf([id, big])),
          );
          await sql`select ${writer}::int`.execute(tx);
        }),
      ),
    );

    assert.equal((await stored()).length, 800);
  });

  it('may be none', async () => {
    await transaction(database, (tx) => copyRows(tx, COPY, []));
  });
});
