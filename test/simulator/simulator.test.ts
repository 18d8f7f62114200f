/** 500 seeds on a PostgreSQL server, a few on the embedded one; `npm run chaos -- --money --seeds 10000` plays more. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playSeeds, replayOf } from './play.ts';

const SEEDS = process.env['TEST_DATABASE_URL'] === undefined ? 2 : 500;

it(`every law of money holds after every step of ${SEEDS} seeds, whoever dies in the middle`, async () => {
  const { seeds, sums, failure } = await playSeeds({ first: 1, seeds: SEEDS, workers: 2 });

  assert.equal(failure, null, `${failure?.why}\n\nReplay: ${replayOf(failure?.seed ?? 0)}`);
  assert.equal(seeds, SEEDS);
  const said = JSON.stringify(sums);
  assert.ok((sums['recorded'] ?? 0) > SEEDS * 2, said);
  assert.ok((sums['controlDeaths'] ?? 0) > SEEDS, said);
  assert.ok((sums['gatewayDeaths'] ?? 0) > SEEDS / 4, said);
  assert.ok((sums['invoices'] ?? 0) > SEEDS / 4, said);
});
