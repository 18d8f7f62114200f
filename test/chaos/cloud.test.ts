/** The whole path under kill -9: callers, gateway, upstream, control, books. See cloud-schedule.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { runCloudSchedule } from './cloud-schedule.ts';

const { database, url } = await createTestDatabase();

describe('a cloud under kill -9', () => {
  it('bills every call that its journal ever held, once and exactly', async () => {
    const result = await runCloudSchedule({ seed: 1, database, databaseUrl: url, kills: 6 });

    assert.ok(result.answered > 10, JSON.stringify(result));
  });
});
