/**
 * `npm run chaos -- --seeds 200`: many kill -9 schedules over the path from a token to the ledger, each
 * from its own seed. `--cloud` runs them over whole clouds (control, node and gateway processes, real
 * streams) instead of over the money path alone, `--batch` over a batch that runs, `--lives` over gateways
 * and controls that die inside this process: a fifth of a second each, so `--lives --seeds 10000` is half
 * an hour. `--first 17 --seeds 1` replays schedule 17; `--kills 20` makes each longer. `--money` plays the
 * simulator of money (test/simulator): months of calls, payments, plans and invoices with a death anywhere, a
 * quarter of a second each on an idle machine; `--money --seed 17` plays one again. Uses the PostgreSQL server
 * at TEST_DATABASE_URL, else an embedded one. Stops at the first broken law and says how to replay it.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runBatchSchedule } from '../test/chaos/batch-schedule.ts';
import { runCloudSchedule } from '../test/chaos/cloud-schedule.ts';
import { checkBooks } from '../test/chaos/books.ts';
import { LIFE_CREDIT, createLifeWorld, runLifeSchedule } from '../test/chaos/life-schedule.ts';
import { runSchedule } from '../test/chaos/schedule.ts';
import { createTestDatabase } from '../test/database.ts';
import { playSeeds, replayOf } from '../test/simulator/play.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    kills: { type: 'string', default: '10' },
    cloud: { type: 'boolean', default: false },
    batch: { type: 'boolean', default: false },
    lives: { type: 'boolean', default: false },
    money: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
});
const asked = values.seed === undefined ? values : { first: values.seed, seeds: '1' };
const [seeds, first, kills] = [asked.seeds, asked.first, values.kills].map(Number);
if (!isCount(seeds) || !isCount(first) || !isCount(kills)) {
  console.error('--seeds, --first and --kills are whole numbers above zero.');
  process.exit(2);
}
if (values.money) process.exit(await runMoney(first, seeds));
if (values.lives) {
  await runLives(first, seeds);
  process.exit(0);
}
const run = chooseSchedule();

const totals = { promised: 0, recorded: 0 };
for (let seed = first; seed < first + seeds; seed += 1) {
  const { database, url, stop } = await createTestDatabase();
  try {
    const result = await run({ seed, database, databaseUrl: url, kills });
    totals.promised += result.promised;
    totals.recorded += result.recorded;
    console.log(`seed ${seed}: ${JSON.stringify(result)}`);
  } catch (error) {
    console.error(error);
    console.error(
      `\nReplay: npm run chaos -- --first ${seed} --seeds 1 --kills ${kills}${modeFlag()}`,
    );
    process.exit(1);
  } finally {
    await stop();
  }
}
console.log(
  `\nAll laws held: ${seeds} schedules, ${seeds * kills} kills, ${totals.promised} promises kept, ${totals.recorded} calls posted once, nothing lost, nothing doubled.`,
);
process.exit(0);

function chooseSchedule() {
  if (values.batch) return runBatchSchedule;
  return values.cloud ? runCloudSchedule : runSchedule;
}

function modeFlag(): string {
  if (values.batch) return ' --batch';
  return values.cloud ? ' --cloud' : '';
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}

/** One database for all of them, and its books checked at the end. */
async function runLives(from: number, count: number): Promise<void> {
  const { database, stop } = await createTestDatabase();
  const world = await createLifeWorld(database);
  const sums = { answered: 0, recorded: 0, abandoned: 0, unbilled: 0, deaths: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      const result = await runLifeSchedule(seed, world);
      sums.answered += result.answered;
      sums.recorded += result.recorded;
      sums.abandoned += result.abandoned;
      sums.unbilled += result.unbilled;
      sums.deaths += result.gatewayDeaths + result.controlDeaths;
    } catch (error) {
      console.error(error);
      console.error(`\nReplay: npm run chaos -- --lives --first ${seed} --seeds 1`);
      process.exit(1);
    }
    if (seed % 100 === 0) console.log(`seed ${seed}: ${JSON.stringify(sums)}`);
  }
  await checkBooks(database, {
    tenantIds: [world.tenantId],
    openingCredit: LIFE_CREDIT,
    say: (text) => text,
  });
  await world.stop();
  await stop();
  console.log(`\nAll laws held: ${count} schedules, ${JSON.stringify(sums)}.`);
}

/** One process for each core. Answers the exit code. */
async function runMoney(from: number, count: number): Promise<number> {
  const {
    seeds: played,
    sums,
    failure,
  } = await playSeeds({
    first: from,
    seeds: count,
    workers: availableParallelism(),
    onPlayed: (done) => {
      if (done % 100 === 0) console.log(`${done} seeds`);
    },
  });
  if (failure !== null) {
    console.error(failure.why);
    console.error(`\nReplay: ${replayOf(failure.seed)}`);
    return 1;
  }
  console.log(`\nAll laws held: ${played} seeds, ${JSON.stringify(sums)}.`);
  return 0;
}
