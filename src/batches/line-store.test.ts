import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Database, sql, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertCaller } from './batches-fixture.ts';
import { endLines, insertLines, markLinesUnsure, putLinesBack, takeLines } from './line-store.ts';

const { database } = await createTestDatabase();
const LINES = 3_000;

async function insertBatch(): Promise<Readonly<{ tenantId: string; id: string }>> {
  const { tenantId, projectId, keyId } = await insertCaller(database);
  const id = createId('batch');
  await sql`insert into batches (tenant_id, project_id, id, key_id, endpoint, input_file_id, status,
      created_at, expires_at)
    values (${tenantId}, ${projectId}, ${id}, ${keyId}, '/v1/chat/completions', 'file_1',
      'in_progress', now(), now())`.execute(database);
  const lines = Array.from({ length: LINES }, (_, index) => ({
    line: index + 1,
    customId: `line-${index + 1}`,
    startByte: index,
    sizeBytes: 1,
  }));
  await insertLines(database, { tenantId, id }, lines);
  // A server does so by itself within a minute; the embedded database never does.
  if (process.env['TEST_DATABASE_URL'] !== undefined)
    await sql`analyze batch_lines`.execute(database);
  return { tenantId, id };
}

/** Rows of lines that a step looked at, whichever way it found them. */
async function rowsRead(step: (tx: Database) => Promise<unknown>): Promise<number> {
  return transaction(database, async (tx) => {
    await step(tx);
    const { rows } = await sql<{ count: number }>`
      select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as count
      from pg_stat_xact_user_tables where relname = 'batch_lines'`.execute(tx);
    return rows[0]?.count ?? 0;
  });
}

it('looks at the lines that it writes and not at their whole batch, with no statistics in an embedded database', async () => {
  const batch = await insertBatch();
  const now = new Date();
  const read: Record<string, number> = {
    take: await rowsRead((tx) => takeLines(tx, batch, { now, limit: 8, onlyCharged: false })),
    end: await rowsRead((tx) =>
      endLines(tx, batch, [
        { line: 1, status: 200, answer: '{}' },
        { line: 2, status: 200, answer: '{}' },
      ]),
    ),
    back: await rowsRead((tx) =>
      putLinesBack(tx, batch, [{ line: 3, failures: 1, notBefore: now, again: null }]),
    ),
    unsure: await rowsRead((tx) => markLinesUnsure(tx, batch, [{ line: 4, failures: 0 }], now)),
  };

  for (const [step, count] of Object.entries(read)) {
    assert.ok(count > 0 && count <= 32, `${step} looked at ${count} of ${LINES} lines`);
  }
});
