import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import {
  FAILURES_MAX,
  KEPT_MS,
  LEASE_MS,
  type NewTask,
  PENDING_MAX,
  STORED_BYTES_MAX,
  WAIT_MAX_MS,
} from './task.ts';
import { createTasks } from './tasks.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const tasks = createTasks({ database, clock, log: silentLog });
const [one, two] = [await insertTenant(database), await insertTenant(database)];

const GATEWAY = 'gtw_1';
const ANSWERED = { kind: 'answered', status: 200, answer: '{"output":{}}' } as const;
const BROKE = { kind: 'broke', status: 502, answer: '{"code":"x"}' } as const;

const wish = (tenantId: string): NewTask => ({
  tenantId,
  projectId: 'prj_1',
  keyId: 'key_1',
  keySha256: 'a'.repeat(64),
  modelName: 'qwen/tiny',
  path: '/api/v1/services/aigc/text-generation/generation',
  body: '{"model":"qwen/tiny"}',
});

const take = (limit = 10, gatewayId = GATEWAY) => tasks.take({ gatewayId, limit });
const stateOf = async (tenantId: string, id: string) => (await tasks.find({ tenantId, id }))?.state;

async function takenId(): Promise<string> {
  const { id } = await tasks.create(wish(one));
  assert.deepEqual(
    (await take()).map((task) => task.id),
    [id],
  );
  return id;
}

beforeEach(async () => {
  await sql`delete from tasks`.execute(database);
  clock.advance(5_000);
});

describe('a task', () => {
  it('waits, runs, and keeps its answer and nothing of its body', async () => {
    const { id } = await tasks.create(wish(one));
    assert.equal(await stateOf(one, id), 'pending');
    const [taken] = await take();
    assert.deepEqual(taken, {
      id,
      tenantId: one,
      keySha256: 'a'.repeat(64),
      path: '/api/v1/services/aigc/text-generation/generation',
      body: '{"model":"qwen/tiny"}',
    });
    assert.equal(await stateOf(one, id), 'running');

    assert.equal(await tasks.end({ gatewayId: GATEWAY, id }, ANSWERED), true);

    const task = await tasks.find({ tenantId: one, id });
    assert.deepEqual(
      [task?.state, task?.status, task?.answer],
      ['succeeded', 200, ANSWERED.answer],
    );
    const { rows } = await sql<{ body: string | null }>`select body from tasks`.execute(database);
    assert.deepEqual(rows, [{ body: null }]);
  });

  it('fails with the answer that refused it', async () => {
    const id = await takenId();
    await tasks.end(
      { gatewayId: GATEWAY, id },
      { kind: 'answered', status: 400, answer: '{"code":"y"}' },
    );
    const task = await tasks.find({ tenantId: one, id });
    assert.deepEqual([task?.state, task?.answer], ['failed', '{"code":"y"}']);
  });

  it('is canceled while it waits, and only then', async () => {
    const { id } = await tasks.create(wish(one));
    assert.equal(await tasks.cancel({ tenantId: one, id }), true);
    assert.equal(await stateOf(one, id), 'canceled');
    assert.deepEqual(await take(), []);
    const running = await takenId();
    assert.equal(await tasks.cancel({ tenantId: one, id: running }), false);
    assert.equal(await stateOf(one, running), 'running');
  });

  it('belongs to its tenant alone', async () => {
    const { id } = await tasks.create(wish(one));
    assert.equal(await tasks.find({ tenantId: two, id }), null);
    assert.equal(await tasks.cancel({ tenantId: two, id }), false);
    const all = {
      state: null,
      modelName: null,
      keyId: null,
      from: new Date(0),
      to: new Date(clock.nowMs()),
    };
    const page = { offset: 0, limit: 10 };
    assert.equal((await tasks.list({ ...all, ...page, tenantId: two })).total, 0);
    assert.equal((await tasks.list({ ...all, ...page, tenantId: one })).tasks[0]?.id, id);
    assert.equal((await tasks.list({ ...all, ...page, tenantId: one, state: 'failed' })).total, 0);
  });

  it('is gone a day after its end', async () => {
    const id = await takenId();
    await tasks.end({ gatewayId: GATEWAY, id }, ANSWERED);
    clock.advance(KEPT_MS + 1);
    assert.equal(await stateOf(one, id), undefined);
    await tasks.sweep();
    const { rows } = await sql`select id from tasks`.execute(database);
    assert.deepEqual(rows, []);
  });

  it('is given up when it found no room for three hours', async () => {
    const { id } = await tasks.create(wish(one));
    clock.advance(WAIT_MAX_MS + 1);
    await tasks.sweep();
    const task = await tasks.find({ tenantId: one, id });
    assert.deepEqual([task?.state, task?.status], ['failed', 504]);
  });
});

describe('a run', () => {
  it('that found no room goes back, as often as it takes', async () => {
    const id = await takenId();
    for (let time = 0; time < FAILURES_MAX + 2; time += 1) {
      await tasks.end({ gatewayId: GATEWAY, id }, { kind: 'busy', retryAfterMs: 2_000 });
      assert.equal(await stateOf(one, id), 'pending');
      assert.deepEqual(await take(), []);
      clock.advance(2_000);
      assert.equal((await take()).length, 1);
    }
  });

  it('that breaks is tried three times', async () => {
    const id = await takenId();
    for (let time = 1; time < FAILURES_MAX; time += 1) {
      await tasks.end({ gatewayId: GATEWAY, id }, BROKE);
      clock.advance(60_000);
      assert.equal((await take()).length, 1);
    }
    await tasks.end({ gatewayId: GATEWAY, id }, BROKE);
    assert.deepEqual(await stateOf(one, id), 'failed');
  });

  it('whose gateway is lost goes to another, and what the first says then counts for nothing', async () => {
    const id = await takenId();
    assert.deepEqual(await tasks.renew({ gatewayId: GATEWAY, ids: [id, 'tsk_none'] }), [id]);
    clock.advance(LEASE_MS + 1);
    await tasks.sweep();
    clock.advance(60_000);
    assert.equal((await take(10, 'gtw_2'))[0]?.id, id);

    assert.deepEqual(await tasks.renew({ gatewayId: GATEWAY, ids: [id] }), []);
    assert.equal(await tasks.end({ gatewayId: GATEWAY, id }, ANSWERED), false);
    assert.equal(await tasks.end({ gatewayId: 'gtw_2', id }, ANSWERED), true);
  });

  it('is given to one gateway, however many ask at once', async () => {
    for (let time = 0; time < 20; time += 1) await tasks.create(wish(one));
    const taken = await Promise.all(['a', 'b', 'c', 'd'].map((gateway) => take(20, gateway)));
    const ids = taken.flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const rest = await take(20, 'e');
    assert.equal(ids.length + rest.length, 20);
  });

  it('of a quiet tenant is next, whoever floods', async () => {
    for (let time = 0; time < 50; time += 1) await tasks.create(wish(one));
    clock.advance(1_000);
    await tasks.create(wish(two));
    assert.equal((await take(4)).filter(({ tenantId }) => tenantId === two).length, 1);
    clock.advance(1_000);
    await tasks.create(wish(two));
    await tasks.create(wish(two));
    const tenants = (await take(2)).map(({ tenantId }) => tenantId);
    assert.deepEqual(tenants, [two, two]);
  });
});

describe('what a tenant may ask', () => {
  it('is 20 times a second, over all its keys', async () => {
    const ask = () => tasks.find({ tenantId: one, id: 'tsk_none' });
    for (let time = 0; time < 20; time += 1) await ask();
    await assert.rejects(ask(), { code: 'task.asked_too_often', status: 429 });
    assert.equal(await tasks.find({ tenantId: two, id: 'tsk_none' }), null);
    clock.advance(1_000);
    assert.equal(await ask(), null);
  });

  it('has a bound on what waits', async () => {
    const { id } = await tasks.create(wish(one));
    await sql`
      insert into tasks (tenant_id, id, project_id, key_id, key_sha256, model_name, path, body, state,
        submitted_at, not_before)
      select tenant_id, id || n, project_id, key_id, key_sha256, model_name, path, body, state,
        submitted_at, not_before
      from tasks, generate_series(2, ${PENDING_MAX}) as n where id = ${id}`.execute(database);
    await assert.rejects(tasks.create(wish(one)), { code: 'task.too_many', status: 429 });
    assert.ok(await tasks.create(wish(two)));
  });

  it('has a bound on what is kept', async () => {
    const { id } = await tasks.create(wish(one));
    await sql`update tasks set state = 'failed', body = null, ended_at = now(), status = 500,
      answer = repeat('x', ${STORED_BYTES_MAX / 4}) where id = ${id}`.execute(database);
    assert.ok(await tasks.create(wish(one)));
    await sql`
      insert into tasks (tenant_id, id, project_id, key_id, key_sha256, model_name, path, state,
        submitted_at, not_before, ended_at, status, answer)
      select tenant_id, id || n, project_id, key_id, key_sha256, model_name, path, state,
        submitted_at, not_before, ended_at, status, answer
      from tasks, generate_series(2, 4) as n where id = ${id}`.execute(database);
    await assert.rejects(tasks.create(wish(one)), { code: 'task.too_many' });
    assert.ok(await tasks.create(wish(two)));
  });
});
