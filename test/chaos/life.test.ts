/** Two hundred schedules of deaths on every run; `npm run chaos -- --lives --seeds 10000` runs more. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../database.ts';
import { checkBooks } from './books.ts';
import { LIFE_CREDIT, createLifeWorld, runLifeSchedule } from './life-schedule.ts';

const SCHEDULES = 200;

const { database } = await createTestDatabase();

describe('gateways and controls that die under load', () => {
  it(`bill every answer once and leak nothing, in ${SCHEDULES} schedules`, async () => {
    const world = await createLifeWorld(database);
    const totals = { answered: 0, recorded: 0, gatewayDeaths: 0, controlDeaths: 0 };
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const result = await runLifeSchedule(seed, world);
      totals.answered += result.answered;
      totals.recorded += result.recorded;
      totals.gatewayDeaths += result.gatewayDeaths;
      totals.controlDeaths += result.controlDeaths;
    }
    await world.stop();

    assert.ok(totals.answered > SCHEDULES, JSON.stringify(totals));
    assert.ok(totals.gatewayDeaths > SCHEDULES, JSON.stringify(totals));
    assert.ok(totals.controlDeaths > SCHEDULES, JSON.stringify(totals));
    await checkBooks(database, {
      tenantIds: [world.tenantId],
      openingCredit: LIFE_CREDIT,
      say: (text) => text,
    });
  });
});
