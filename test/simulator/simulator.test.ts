/**
 * 500 seeds of the simulator on a PostgreSQL server; `npm run chaos -- --money --seeds 10000` plays more.
 *
 * @needs postgresql
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playSeeds, replayOf } from './play.ts';

const SEEDS = 500;

it(`every law of money holds after every step of ${SEEDS} seeds, whoever dies in the middle`, async () => {
  const serverUrl = process.env['TEST_POSTGRESQL_URL'];
  assert.ok(serverUrl, 'TEST_POSTGRESQL_URL says where the server is');
  const asked = { first: 1, seeds: SEEDS, workers: 2, serverUrl };
  const { seeds, sums, failure } = await playSeeds(asked);

  assert.equal(failure, null, `${failure?.why}\n\nReplay: ${replayOf(failure?.seed ?? 0)}`);
  assert.equal(seeds, SEEDS);
  const said = JSON.stringify(sums);
  assert.ok((sums['recorded'] ?? 0) > SEEDS * 2, said);
  assert.ok((sums['controlDeaths'] ?? 0) > SEEDS, said);
  assert.ok((sums['gatewayDeaths'] ?? 0) > SEEDS / 4, said);
  assert.ok((sums['invoices'] ?? 0) > SEEDS / 4, said);
});
