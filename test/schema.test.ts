import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { SCHEMA_FILE, describeSchema } from '../scripts/schema.ts';
import { createTestDatabase } from './database.ts';

const { pool } = await createTestDatabase();

it('schema.sql is what the migrations add up to (npm run schema writes it)', async () => {
  const actual = await describeSchema(
    async <Row>(text: string) => (await pool.query(text)).rows as Row[],
  );

  assert.equal(readFileSync(SCHEMA_FILE, 'utf8'), actual);
});
