import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type CloudOptions,
  type Handler,
  MODEL,
  PRICE,
  TENANT,
  answering,
  feedModel,
  startCloud,
  startScripted,
  until,
} from '../gateway-fixture.ts';
import type { CacheSettings } from './cache-settings.ts';

const SETTINGS: CacheSettings = {
  tenantId: TENANT,
  projectId: 'prj_one',
  generation: 1,
  ttlMs: 60_000,
  entryBytesMax: 100_000,
  bytesMax: 1_000_000,
  entriesMax: 100,
  cachesSampled: false,
};

async function startCached(
  handler: Handler = answering(['Hel', 'lo']),
  caches: readonly CacheSettings[] = [SETTINGS],
  options: CloudOptions = {},
) {
  const engine = await startScripted(handler);
  const cloud = await startCloud({ engines: [engine.url], ...options });
  cloud.change({ caches });
  after(async () => {
    await cloud.stop();
    await engine.stop();
  });
  const ask = async (body: object = {}, headers: Record<string, string> = {}) => {
    const response = await cloud.chat(
      { temperature: 0, ...body },
      { headers: { ...cloud.headers, ...headers } },
    );
    const text = await response.text();
    // An answer is kept a moment after its last byte is out.
    await until(() => cloud.gateway.counts().live === 0);
    return { response, text, said: response.headers.get('x-flywheel-cache') };
  };
  return { cloud, engine, ask };
}

describe('an answer from the cache', () => {
  it('is the same, whole or streamed, and reaches no engine', async () => {
    const { ask, engine } = await startCached();

    const whole = [await ask(), await ask()];
    const streams = [await ask({ stream: true }), await ask({ stream: true })];

    assert.deepEqual(
      [...whole, ...streams].map(({ said }) => said),
      ['miss', 'hit', 'miss', 'hit'],
    );
    assert.equal(whole[0]?.text, whole[1]?.text);
    assert.equal(streams[0]?.text, streams[1]?.text);
    assert.match(streams[1]?.text ?? '', /\[DONE\]/);
    assert.equal(
      streams[1]?.response.headers.get('content-type'),
      'text/event-stream; charset=utf-8',
    );
    assert.equal(whole[1]?.response.headers.get('age'), '0');
    assert.notEqual(
      whole[0]?.response.headers.get('x-request-id'),
      whole[1]?.response.headers.get('x-request-id'),
    );
    assert.equal(engine.bodies.length, 2);
  });

  it('costs nothing, takes no tokens, and is recorded as what it is', async () => {
    const { ask, cloud } = await startCached(undefined, undefined, {
      model: { prices: [PRICE] },
    });
    cloud.control.availablePico = 10n ** 18n;
    await ask();
    const before = cloud.control.availablePico;

    await ask();

    const [miss, hit] = await cloud.settled();
    assert.deepEqual([miss?.cache, hit?.cache], ['miss', 'hit']);
    assert.deepEqual([hit?.outcome, hit?.status, hit?.holdPico], ['finished', 200, '0']);
    assert.deepEqual(hit?.usage, {
      input: 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      reasoning: 0,
    });
    assert.deepEqual([hit?.deploymentId, hit?.replicaId], [null, null]);
    assert.equal(hit?.priceId, 'prc_one');
    assert.equal(cloud.control.availablePico, before);
    assert.equal(cloud.gateway.counts().holds, 0);
  });

  it('is never that of another project, tenant, key scope or model revision', async () => {
    const two = { ...SETTINGS, projectId: 'prj_two' };
    const three = { ...SETTINGS, projectId: 'prj_three', tenantId: 'ten_two' };
    const { ask, cloud, engine } = await startCached(undefined, [SETTINGS, two, three]);
    await ask();
    const others = [
      cloud.addKey({ projectId: 'prj_two' }),
      cloud.addKey({ projectId: 'prj_three', tenantId: 'ten_two' }),
      cloud.addKey({ models: ['qwen/else'] }),
    ];

    const answers = [];
    for (const secret of others) answers.push(await ask({}, { authorization: `Bearer ${secret}` }));

    assert.deepEqual(
      answers.map(({ said, response }) => [said, response.status]),
      [
        ['miss', 200],
        ['miss', 200],
        [null, 403],
      ],
    );
    cloud.change({ models: [feedModel({ modelId: 'mdl_new' })] });
    const [deployment] = [{ id: 'dep_new', tenantId: TENANT, modelName: MODEL }];
    cloud.change({
      deployments: [
        { ...deployment, modelId: 'mdl_new', isWanted: true, state: 'ready', reason: null },
      ],
      replicas: [],
    });
    assert.equal((await ask({}, { 'cache-control': 'only-if-cached' })).response.status, 504);
    assert.equal(engine.bodies.length, 3);
  });

  it('is given as the request wishes', async () => {
    const { ask, engine } = await startCached();
    const say = async (control: string, body: object = {}) =>
      (await ask(body, { 'cache-control': control })).said;

    const seen = [
      await say('no-store'),
      await say('max-age=60'),
      await say('max-age=60'),
      await say('no-cache'),
      await say('only-if-cached'),
      await say('max-age=60', { temperature: 0.9 }),
      await say('max-age=60', { temperature: 0.9 }),
      (await ask({ temperature: 0.9 })).said,
    ];

    assert.deepEqual(seen, ['bypass', 'miss', 'hit', 'miss', 'hit', 'miss', 'hit', 'bypass']);
    assert.equal(engine.bodies.length, 5);
  });

  it('is not there while the project has not turned it on', async () => {
    const { ask, engine } = await startCached(undefined, []);

    assert.deepEqual([(await ask()).said, (await ask()).said], [null, null]);
    assert.equal(engine.bodies.length, 2);
  });
});

describe('an answer that did not end well', () => {
  for (const [what, handler] of [
    [
      'was cut off',
      (_incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.write('data: {"choices":[{"delta":{"content":"Hal"}}]}\n\n');
        setImmediate(() => outgoing.destroy());
      },
    ],
    [
      'is an error',
      (_incoming, outgoing) => {
        outgoing.writeHead(400, { 'content-type': 'application/json' });
        outgoing.end('{"error":{"message":"no"}}');
      },
    ],
  ] satisfies [string, Handler][]) {
    it(`is never kept: it ${what}`, async () => {
      const { ask } = await startCached(handler);

      const first = await ask({ stream: true });
      const second = await ask({ stream: true });

      assert.deepEqual([first.said, second.said], ['miss', 'miss']);
    });
  }

  it('is never kept: it is longer than it may be', async () => {
    const { ask } = await startCached(answering(['x'.repeat(5_000)]), [
      { ...SETTINGS, entryBytesMax: 1_000 },
    ]);

    assert.deepEqual([(await ask()).said, (await ask()).said], ['miss', 'miss']);
  });
});
