/**
 * `npm run chaos -- --seeds 200`: many kill -9 schedules over the path from a token to the ledger, each
 * from its own seed. `--first 17 --seeds 1` replays schedule 17; `--kills 20` makes each longer.
 * Uses the PostgreSQL server at TEST_DATABASE_URL, else an embedded one. Stops at the first broken law
 * and says how to replay it.
 */
import { parseArgs } from 'node:util';
import { createTestDatabase } from '../test/database.ts';
import { runSchedule } from '../test/chaos/schedule.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    kills: { type: 'string', default: '10' },
  },
});
const [seeds, first, kills] = [values.seeds, values.first, values.kills].map(Number);
if (!isCount(seeds) || !isCount(first) || !isCount(kills)) {
  console.error('--seeds, --first and --kills are whole numbers above zero.');
  process.exit(2);
}

const totals = { began: 0, promised: 0, recorded: 0, kills: 0 };
for (let seed = first; seed < first + seeds; seed += 1) {
  const { database, url, stop } = await createTestDatabase();
  try {
    const result = await runSchedule({ seed, database, databaseUrl: url, kills });
    totals.began += result.began;
    totals.promised += result.promised;
    totals.recorded += result.recorded;
    totals.kills += result.kills;
    console.log(
      `seed ${seed}: ${result.began} requests, ${result.promised} promises, ${result.recorded} posted once, ${result.kills} kills`,
    );
  } catch (error) {
    console.error(error);
    console.error(`\nReplay: npm run chaos -- --first ${seed} --seeds 1 --kills ${kills}`);
    process.exit(1);
  } finally {
    await stop();
  }
}
console.log(
  `\nAll laws held: ${seeds} schedules, ${totals.kills} kills, ${totals.began} requests, ${totals.promised} promises kept, nothing lost, nothing doubled.`,
);
process.exit(0);

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}
