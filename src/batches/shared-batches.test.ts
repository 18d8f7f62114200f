/** Batches that several controls work on, and keys that end while one runs. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { systemClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createDelegations } from '#tenancy/delegation.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  CHAT,
  answered,
  callAs,
  createTestBatches,
  inputOf,
  insertCaller,
  until,
} from './batches-fixture.ts';

const { database } = await createTestDatabase();
const OVER = ['failed', 'completed', 'expired', 'cancelled'];

async function prepare(lines: number, batches = 1) {
  const test = await createTestBatches(database);
  const principal = await insertCaller(database);
  const call = callAs(test.batches, principal);
  const ids: string[] = [];
  for (let index = 0; index < batches; index += 1) {
    const file = await call.upload(inputOf(lines));
    const wish = { input_file_id: file.body.id, endpoint: CHAT, completion_window: '24h' };
    ids.push((await call.json('POST', '/v1/batches', wish)).body.id);
  }
  const ended = (id: string) =>
    until(
      async () => (await call.json('GET', `/v1/batches/${id}`)).body,
      ({ status }) => OVER.includes(status),
    );
  return { ...test, principal, ids, ended };
}

it('two controls beside each other call each line of each batch once', async () => {
  const { ids, door, ended, start } = await prepare(150, 3);
  const controls = [start(), start()];

  const over = await Promise.all(ids.map(ended));

  const counts = { total: 150, completed: 150, failed: 0 };
  assert.deepEqual(
    over.map(({ request_counts: each }) => each),
    [counts, counts, counts],
  );
  const called = door.calls.map(({ requestId, attempt }) => `${requestId}/${attempt}`);
  assert.equal(new Set(called).size, 450);
  assert.equal(called.length, 450);
  for (const control of controls) await control.stop();
});

it('a control that stops in the middle hands its batch to the other, and no answer is lost', async () => {
  const { ids, door, ended, start } = await prepare(200);
  const first = start();
  await until(
    () => Promise.resolve(door.calls.length),
    (calls) => calls > 20,
  );

  await first.stop();
  const second = start();
  const over = await ended(ids[0] ?? '');

  assert.deepEqual(over.request_counts, { total: 200, completed: 200, failed: 0 });
  await second.stop();
});

it('a key that is revoked in the middle ends its batch: what was answered stays, the rest is refused', async () => {
  const { ids, door, ended, start, principal } = await prepare(200);
  const delegations = createDelegations({ database, clock: systemClock });
  // As the front door knows who calls: by the secret of the batch, which acts as its key.
  door.answer = async ({ secret }) => {
    const sha256 = createHash('sha256').update(secret).digest('hex');
    const known = await delegations.findDelegated(sha256);
    return known === null
      ? answered(401, '{"error":{"code":"invalid_api_key","message":"no"}}')
      : answered(200, '{"ok":true}');
  };
  const runner = start();
  await until(
    () => Promise.resolve(door.calls.length),
    (calls) => calls > 30,
  );

  await sql`update keys set revoked_at = now()
    where id = ${principal.keyId}`.execute(database);
  const over = await ended(ids[0] ?? '');

  const { completed, failed, total } = over.request_counts;
  assert.equal(completed + failed, total);
  assert.ok(completed > 0 && failed > 0, JSON.stringify(over.request_counts));
  assert.ok(over.output_file_id !== null && over.error_file_id !== null);
  await runner.stop();
});
