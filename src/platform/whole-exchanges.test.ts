import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { sql, transaction } from './database.ts';

const { database } = await createTestDatabase();

describe('connections that share a database', () => {
  it('never get the answer to the question of another, whatever they wait for', async () => {
    const ask = async (number: number): Promise<void> => {
      const values = Array.from({ length: 1 + (number % 5) }, (_, index) => number + index);
      const sum = sql.join(
        values.map((value) => sql`${value}::int`),
        sql` + `,
      );
      const { rows } = await sql<{ sum: number }>`select ${sum} as sum`.execute(database);
      const wanted = values.reduce((total, value) => total + value, 0);
      assert.equal(rows[0]?.sum, wanted);
    };
    // Questions that pile up behind a transaction are let go at the same moment.
    const hold = (): Promise<unknown> =>
      transaction(database, async (tx) => {
        for (let step = 0; step < 3; step += 1) await sql`select ${step}::int`.execute(tx);
      });

    for (let round = 0; round < 10; round += 1) {
      const held = hold();
      const asked = Array.from({ length: 20 }, (_, index) => ask(round * 20 + index));
      await Promise.all([held, ...asked]);
    }
  });
});
