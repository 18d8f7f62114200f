/** A few kill -9 schedules on every run; `npm run chaos -- --seeds N` runs as many as there is time for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { runSchedule } from './schedule.ts';

const { database, url } = await createTestDatabase();

describe('usage under kill -9', () => {
  for (const seed of [1, 2]) {
    it(`is posted exactly once, schedule ${seed}`, async () => {
      const result = await runSchedule({ seed, database, databaseUrl: url, kills: 6 });

      assert.ok(result.promised > 50, `only ${result.promised} promises were made`);
    });
  }
});
