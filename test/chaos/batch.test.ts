/** A batch under kill -9 of control and gateway. See batch-schedule.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { runBatchSchedule } from './batch-schedule.ts';

const SEEDS = [1, 2];

describe('a batch under kill -9', () => {
  for (const seed of SEEDS) {
    it(`answers each line once and bills it once, seed ${seed}`, async () => {
      const { database, url } = await createTestDatabase();

      const { promised, recorded } = await runBatchSchedule({
        seed,
        database,
        databaseUrl: url,
        kills: 3,
      });

      assert.equal(recorded, promised);
    });
  }
});
