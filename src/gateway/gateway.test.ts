import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  MODEL,
  PRICE,
  type Scripted,
  TENANT,
  answerEvents,
  answering,
  startCloud,
  startScripted,
} from './gateway-fixture.ts';

type Started = { cloud: Cloud; engine: Scripted };

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(options: CloudOptions = {}, words = ['Hel', 'lo']): Promise<Started> {
  const engine = await startScripted(answering(words));
  const cloud = await startCloud({ engines: [engine.url], ...options });
  running.push(cloud.stop, engine.stop);
  return { cloud, engine };
}

type ErrorBody = { error: { message: string; type: string; param: string | null; code: string } };

const errorOf = async (response: Response): Promise<ErrorBody['error']> =>
  ((await response.json()) as ErrorBody).error;

describe('a chat completion', () => {
  it('comes whole, is metered by what the engine said, and costs what it used', async () => {
    const { cloud } = await start({ model: { prices: [PRICE] } });
    cloud.control.availablePico = 10n ** 12n;

    const response = await cloud.chat({ max_tokens: 100 });
    const body = (await response.json()) as { model: string };
    const [settled] = await cloud.settled();

    assert.equal(response.status, 200);
    assert.match(response.headers.get('x-request-id') ?? '', /^req_/);
    assert.equal(body.model, MODEL);
    assert.equal(settled?.requestId, response.headers.get('x-request-id'));
    assert.equal(settled?.outcome, 'finished');
    assert.deepEqual(settled?.usage, {
      input: 10,
      cacheRead: 0,
      cacheWrite: 0,
      output: 3,
      reasoning: 0,
    });
    assert.equal(settled?.usageSource, 'engine');
    assert.equal(settled?.tenantId, TENANT);
    assert.equal(settled?.priceId, 'prc_one');
    assert.equal(settled?.replicaId, 'rep_0');
    assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
  });

  it('streams the bytes of the engine, without the usage nobody asked for', async () => {
    const { cloud, engine } = await start();

    const response = await cloud.chat({ stream: true });
    const text = await response.text();

    const events = answerEvents(['Hel', 'lo']);
    assert.equal(text, events.filter((event) => !event.includes('"usage"')).join(''));
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.match(engine.bodies[0] ?? '', /"stream_options":\{"include_usage":true\}/);
    const [settled] = await cloud.settled();
    assert.deepEqual(settled?.usage, {
      input: 6,
      cacheRead: 4,
      cacheWrite: 0,
      output: 2,
      reasoning: 0,
    });
  });

  it('streams usage to those who ask', async () => {
    const { cloud } = await start();

    const response = await cloud.chat({ stream: true, stream_options: { include_usage: true } });

    assert.equal(await response.text(), answerEvents(['Hel', 'lo']).join(''));
  });

  it('passes unknown fields through', async () => {
    const { cloud, engine } = await start();

    await cloud.chat({ vendor_field: { deep: [1, 2] } });

    assert.deepEqual(
      (JSON.parse(engine.bodies[0] ?? '') as { vendor_field: unknown }).vendor_field,
      { deep: [1, 2] },
    );
  });
});

describe('embeddings', () => {
  it('pass through and are metered by what went in', async () => {
    const data = [{ object: 'embedding', index: 0, embedding: [0.25, -1] }];
    const engine = await startScripted((incoming, outgoing) => {
      assert.equal(incoming.url, '/v1/embeddings');
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      const usage = { prompt_tokens: 5, total_tokens: 5 };
      outgoing.end(JSON.stringify({ object: 'list', model: MODEL, data, usage }));
    });
    const cloud = await startCloud({ engines: [engine.url] });
    running.push(cloud.stop, engine.stop);

    const response = await fetch(`${cloud.url}/v1/embeddings`, {
      method: 'POST',
      headers: cloud.headers,
      body: JSON.stringify({ model: MODEL, input: ['hello'] }),
    });

    assert.deepEqual(((await response.json()) as { data: unknown }).data, data);
    const [settled] = await cloud.settled();
    assert.deepEqual([settled?.usage.input, settled?.usage.output], [5, 0]);
  });
});

describe('the list of models', () => {
  it('shows what is deployed and visible to the key', async () => {
    const { cloud } = await start();
    const { headers } = cloud;

    const list = await fetch(`${cloud.url}/v1/models`, { headers });
    const one = await fetch(`${cloud.url}/v1/models/${MODEL}`, { headers });
    const none = await fetch(`${cloud.url}/v1/models/qwen/none`, { headers });

    const { data } = (await list.json()) as { data: { id: string }[] };
    assert.deepEqual(
      data.map(({ id }) => id),
      [MODEL],
    );
    assert.equal(((await one.json()) as { id: string }).id, MODEL);
    assert.equal(none.status, 404);
  });

  it('hides a private model of another tenant', async () => {
    const { cloud } = await start({ model: { visibility: 'private', tenantId: 'ten_other' } });

    const list = await fetch(`${cloud.url}/v1/models`, { headers: cloud.headers });
    const called = await cloud.chat();

    assert.deepEqual(((await list.json()) as { data: unknown[] }).data, []);
    assert.equal(called.status, 404);
  });
});

describe('money', () => {
  it('refuses who pays in a currency in which the model has no price', async () => {
    const { cloud } = await start({ model: { prices: [PRICE] } });
    const authorization = `Bearer ${cloud.addKey({ currency: 'USD' })}`;

    const refused = await cloud.chat({}, { headers: { authorization } });

    assert.equal(refused.status, 403);
    assert.equal((await errorOf(refused)).code, 'model_not_priced');
  });

  it('refuses with 402 when there is no credit, and lets in when there is', async () => {
    const { cloud } = await start({ model: { prices: [PRICE] } });

    const refused = await cloud.chat({ max_tokens: 100 });
    const error = await errorOf(refused);
    assert.equal(refused.status, 402);
    assert.equal(error.code, 'insufficient_quota');
    assert.deepEqual(await cloud.settled(), []);
  });

  it('gives leases back on stop, with what was spent of them', async () => {
    const engine = await startScripted(answering(['a']));
    const cloud = await startCloud({ engines: [engine.url], model: { prices: [PRICE] } });
    cloud.control.availablePico = 10n ** 12n;

    await (await cloud.chat({ max_tokens: 100 })).text();
    await cloud.stop();
    await engine.stop();

    // 10 tokens in at 1 and 3 out at 2 yuan per million.
    assert.equal(cloud.control.released.length, 1);
    assert.equal(cloud.control.released[0]?.spentPico, String(16_000_000n));
  });
});
