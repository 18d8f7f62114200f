/** Asynchronous calls on a whole gateway, with the real module that keeps them. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase } from '../../../test/database.ts';
import { insertTenant } from '../../../test/money.ts';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { createTasks } from '#tasks/tasks.ts';
import {
  type Cloud,
  type Handler,
  MODEL,
  PRICE,
  answering,
  startCloud,
  startScripted,
  until,
} from '../gateway-fixture.ts';
import { idOfUuid } from '../wire/dashscope/request-id.ts';
import { createTaskControlOf } from './task-fixture.ts';

const GENERATION = '/api/v1/services/aigc/text-generation/generation';
const EMBEDDINGS = '/api/v1/services/embeddings/text-embedding/text-embedding';

const { database } = await createTestDatabase();
const tasks = createTasks({ database, clock: systemClock, log: silentLog });
const tenantId = await insertTenant(database);
const running: (() => Promise<void>)[] = [];
const stopAll = async (): Promise<void> => {
  for (const stop of running.splice(0)) await stop();
};
afterEach(stopAll);
after(stopAll);

async function start(handler: Handler, gatewayId = 'gtw_1') {
  const engine = await startScripted(handler);
  const cloud = await startCloud({
    engines: [engine.url],
    tasks: createTaskControlOf(tasks, gatewayId),
  });
  running.push(cloud.stop, engine.stop);
  return { cloud, engine, secret: cloud.addKey({ tenantId }) };
}

type Said = Readonly<{
  output: Record<string, unknown>;
  usage?: Record<string, number>;
  request_id: string;
  code?: string;
}>;

/** Tests ask faster than anyone may (20 times a second, counted over the tests before): they ask again. */
async function ask(
  cloud: Cloud,
  secret: string,
  path: string,
  { body, ...init }: { body?: object; method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; said: Said }> {
  for (;;) {
    const response = await fetch(cloud.url + path, {
      ...init,
      method: init.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${secret}`, ...init.headers },
      ...(body !== undefined && { body: JSON.stringify({ model: MODEL, ...body }) }),
    });
    const said = await readSaid(response);
    if (response.status !== 429) return { status: response.status, said };
    await delay(BETWEEN_QUERIES_MS);
  }
}

async function readSaid(response: Response): Promise<Said> {
  const said: Said = JSON.parse(await response.text());
  return said;
}

const BETWEEN_QUERIES_MS = 200;
const LATER = { 'x-dashscope-async': 'enable', 'x-dashscope-sse': 'enable' };
const PROMPT = { input: { prompt: 'Hi' } };

async function create(cloud: Cloud, secret: string, path = GENERATION, body: object = PROMPT) {
  const { status, said } = await ask(cloud, secret, path, { body, headers: LATER });
  assert.equal(status, 200, JSON.stringify(said));
  assert.equal(said.output['task_status'], 'PENDING');
  return String(said.output['task_id']);
}

const find = (cloud: Cloud, secret: string, id: string) =>
  ask(cloud, secret, `/api/v1/tasks/${id}`);

async function ended(cloud: Cloud, secret: string, id: string): Promise<Said> {
  let said: Said | null = null;
  await until(async () => {
    ({ said } = await find(cloud, secret, id));
    return !['PENDING', 'RUNNING'].includes(String(said.output['task_status']));
  });
  assert.ok(said !== null);
  return said;
}

describe('a call for later', () => {
  it('is made by the gateway, admitted and metered like any other, and fetched by any key', async () => {
    const { cloud, secret } = await start(answering(['Hel', 'lo']));

    const id = await create(cloud, secret);
    const said = await ended(cloud, cloud.addKey({ tenantId, projectId: 'prj_other' }), id);

    assert.equal(said.output['task_status'], 'SUCCEEDED');
    assert.equal(said.output['text'], 'Hello');
    assert.deepEqual(said.usage, { input_tokens: 10, output_tokens: 3, total_tokens: 13 });
    assert.match(String(said.output['submit_time']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    const [settled] = await cloud.settled();
    assert.deepEqual(
      [settled?.tenantId, settled?.keyId, settled?.usage.output],
      [tenantId, 'key_1', 3],
    );
    await until(() => Object.values(cloud.gateway.counts()).every((count) => count === 0));
  });

  it('works for embeddings', async () => {
    const { cloud, secret } = await start((_incoming, outgoing) => {
      const data = [{ object: 'embedding', index: 0, embedding: [1] }];
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ model: MODEL, data, usage: { prompt_tokens: 2 } }));
    });
    const id = await create(cloud, secret, EMBEDDINGS, { input: { texts: ['a'] } });
    const said = await ended(cloud, secret, id);
    assert.deepEqual(said.output['embeddings'], [{ text_index: 0, embedding: [1] }]);
  });

  it('is refused at once where a call would be', async () => {
    const { cloud, secret } = await start(answering(['x']));
    const refusals: [object, string, number, string][] = [
      [{ input: {} }, secret, 400, 'InvalidParameter'],
      [{ ...PROMPT, parameters: { stream: true } }, secret, 400, 'InvalidParameter'],
      [{ ...PROMPT, model: 'nobody/none' }, secret, 404, 'ModelNotFound'],
      [PROMPT, 'sk-fw-wrong', 401, 'InvalidApiKey'],
      [PROMPT, cloud.addKey({ tenantId, models: ['other'] }), 403, 'Model.AccessDenied'],
    ];
    for (const [body, key, status, code] of refusals) {
      const answer = await ask(cloud, key, GENERATION, { body, headers: LATER });
      assert.deepEqual([answer.status, answer.said.code], [status, code]);
    }
  });

  it('fails with the words of whatever failed', async () => {
    const { cloud, secret } = await start((_incoming, outgoing) => {
      outgoing.writeHead(400, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: { message: 'too hot', code: 'invalid_value' } }));
    });
    const said = await ended(cloud, secret, await create(cloud, secret));
    assert.deepEqual(
      [said.output['task_status'], said.output['code'], said.output['message']],
      ['FAILED', 'InvalidParameter', 'too hot'],
    );
  });

  it('of another tenant is not there', async () => {
    const { cloud, secret } = await start(answering(['x']));
    const id = await create(cloud, secret);
    await ended(cloud, secret, id);
    const stranger = cloud.addKey({ tenantId: 'ten_other' });
    const { said } = await find(cloud, stranger, id);
    assert.deepEqual(said.output, { task_id: id, task_status: 'UNKNOWN' });
    const listed = await ask(cloud, stranger, '/api/v1/tasks/');
    assert.match(JSON.stringify(listed.said), /"data":\[\].*"total":0/);
    const cancel = await ask(cloud, stranger, `/api/v1/tasks/${id}/cancel`, { method: 'POST' });
    assert.deepEqual([cancel.status, cancel.said.code], [400, 'UnsupportedOperation']);
  });

  it('waits while its model is busy, is listed, and can be canceled', async () => {
    const { cloud, secret, engine } = await start((_incoming, outgoing) => {
      outgoing.writeHead(429, { 'content-type': 'application/json', 'retry-after': '30' });
      outgoing.end('{"error":{"message":"busy"}}');
    });
    const id = await create(cloud, secret);
    await until(async () => engine.bodies.length > 0);
    // It can be canceled once its gateway has put it back.
    const cancel = () => ask(cloud, secret, `/api/v1/tasks/${id}/cancel`, { method: 'POST' });
    await until(async () => (await cancel()).status === 200);

    assert.equal((await find(cloud, secret, id)).said.output['task_status'], 'CANCELED');
    const query = `status=CANCELED&model_name=${encodeURIComponent(MODEL)}&page_size=5`;
    const { said } = await ask(cloud, secret, `/api/v1/tasks/?${query}`);
    assert.match(JSON.stringify(said), new RegExp(`"task_id":"${id}","status":"CANCELED"`));
    const wrong = await ask(cloud, secret, '/api/v1/tasks/?start_time=yesterday');
    assert.deepEqual([wrong.status, wrong.said.code], [400, 'InvalidParameter']);
  });

  it('goes back when its gateway stops, and the next one makes it', async () => {
    const first = await start(() => {
      // Never answers.
    });
    const id = await create(first.cloud, first.secret);
    await until(() => first.engine.bodies.length === 1);
    await stopAll();

    const second = await start(answering(['Hello']), 'gtw_2');
    const said = await ended(second.cloud, second.cloud.addKey({ tenantId }), id);
    // The key that asked is unknown to this control, as if it had been revoked meanwhile.
    assert.deepEqual(
      [said.output['task_status'], said.output['code']],
      ['FAILED', 'InvalidApiKey'],
    );
  });
});

describe('where a key may call from', () => {
  it('is looked at when it asks, and not when the gateway calls for it', async () => {
    const { cloud, secret } = await start((incoming, outgoing, body) => {
      if (cloud.control.limits.levels.length > 0) return answering(['x'])(incoming, outgoing, body);
      outgoing.writeHead(429, { 'retry-after': '1' });
      outgoing.end();
      return undefined;
    });
    const id = await create(cloud, secret);
    cloud.control.limits.set({}, { networks: ['10.0.0.0/8'] });
    const { version } = cloud.control.limits;
    cloud.change({ limitChanges: [{ tenantId, version }] });

    const elsewhere = await ask(cloud, secret, GENERATION, { body: PROMPT, headers: LATER });
    assert.equal(elsewhere.status, 403);
    assert.equal((await find(cloud, secret, id)).status, 403);
    const task = idOfUuid('tsk', id) ?? '';
    await until(async () => {
      const found = await tasks.find({ tenantId, id: task }).catch(() => null);
      return found?.state === 'succeeded';
    });
  });
});

describe('money', () => {
  it('is held when the call is made: without any the task fails', async () => {
    const engine = await startScripted(answering(['x']));
    const cloud = await startCloud({
      engines: [engine.url],
      model: { prices: [PRICE] },
      tasks: createTaskControlOf(tasks, 'gtw_3'),
    });
    running.push(cloud.stop, engine.stop);
    const secret = cloud.addKey({ tenantId });
    const said = await ended(cloud, secret, await create(cloud, secret));
    assert.deepEqual([said.output['task_status'], said.output['code']], ['FAILED', 'Arrearage']);
  });
});
