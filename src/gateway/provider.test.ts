import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { silentLog } from '#platform/log.ts';
import type { FeedProvider, FeedReplica } from './feed.ts';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  answering,
  feedModel,
  feedReplica,
  startCloud,
  startScripted,
  until,
  wholeAnswer,
} from './gateway-fixture.ts';

const API_KEY = 'sk-key-of-the-provider';
const PROVIDER: FeedProvider = {
  id: 'prv_one',
  dialect: 'openai',
  keyVersion: 1,
  allowsPrivate: true,
  timeoutMs: 60_000,
  parallel: 8,
};

type Wish = Readonly<{
  handlers: readonly Handler[];
  path?: string;
  provider?: Partial<FeedProvider>;
  options?: CloudOptions;
}>;

/** A cloud whose model is served by these providers and nothing else. */
async function startWithProviders({ handlers, path = '/v1', provider = {}, options = {} }: Wish) {
  const upstreams = await Promise.all(handlers.map((handler) => startScripted(handler)));
  const replicas = upstreams.map(({ url }, index): FeedReplica =>
    feedReplica({
      id: `rep_${index}`,
      url: `${url}${path}`,
      nodeId: null,
      engineKey: null,
      region: 'external',
      upstreamModel: 'their-model',
      provider: { ...PROVIDER, id: `prv_${index}`, ...provider },
    }),
  );
  const cloud = await startCloud({ engines: ['http://unused'], ...options, feed: { replicas } });
  for (const { provider: of = null } of replicas) {
    if (of !== null) cloud.control.providerKeys.set(of.id, { apiKey: API_KEY, keyVersion: 1 });
  }
  const stop = async (): Promise<void> => {
    await cloud.stop();
    await Promise.all(upstreams.map((upstream) => upstream.stop()));
  };
  after(stop);
  return { cloud, upstreams, replicas };
}

/** Once the keys are there; a request before would only say that they are not. */
async function chatting(cloud: Cloud, body: object = {}): Promise<Response> {
  const response = await cloud.chat(body);
  if (response.status !== 503 || !(await response.clone().text()).includes('provider_unavail')) {
    return response;
  }
  return chatting(cloud, body);
}

async function bodyOf(response: Response) {
  return JSON.parse(await response.text());
}

function refusing(status: number, body: string, headers: Record<string, string> = {}): Handler {
  return (_incoming, outgoing) => {
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
    outgoing.end(body);
  };
}

describe('a model of an external provider', () => {
  it('is called with its key, at its address, by its name, and settled like any other', async () => {
    const seen: IncomingMessage[] = [];
    const { cloud, upstreams } = await startWithProviders({
      path: '/api/paas/v4',
      handlers: [
        (incoming, outgoing, body) => {
          seen.push(incoming);
          answering(['Hel', 'lo'])(incoming, outgoing, body);
        },
      ],
    });

    const whole = await chatting(cloud);
    const answer = await bodyOf(whole);
    const stream = await (await cloud.chat({ stream: true })).text();

    assert.equal(answer.choices[0].message.content, 'Hello');
    assert.equal(answer.model, MODEL);
    assert.match(stream, /"content":"lo"[\s\S]*\[DONE\]/);
    assert.equal(stream.includes('their-model'), false);
    assert.deepEqual(
      seen.map(({ url, headers }) => [url, headers.authorization]),
      [
        ['/api/paas/v4/chat/completions', `Bearer ${API_KEY}`],
        ['/api/paas/v4/chat/completions', `Bearer ${API_KEY}`],
      ],
    );
    assert.equal(JSON.parse(upstreams[0]?.bodies[0] ?? '').model, 'their-model');
    const settled = await cloud.settled();
    assert.deepEqual(
      settled.map(({ replicaId, usage }) => [
        replicaId,
        usage.input,
        usage.cacheRead,
        usage.output,
      ]),
      [
        ['rep_0', 10, 0, 3],
        ['rep_0', 6, 4, 2],
      ],
    );
    assert.equal(cloud.gateway.counts().slots, 0);
  });

  for (const [status, code, body, ours] of [
    [401, 'provider_key_refused', `{"error":{"message":"Incorrect API key: ${API_KEY}"}}`, 502],
    [403, 'provider_key_refused', '<html>forbidden</html>', 502],
    [402, 'provider_out_of_credit', '{"error":{"message":"pay"}}', 502],
    [429, 'provider_out_of_credit', '{"error":{"code":"insufficient_quota","message":"x"}}', 502],
    [429, 'provider_rate_limited', '{"error":{"message":"slow down"}}', 429],
    [503, 'server_is_overloaded', '', 503],
    [529, 'server_is_overloaded', '{"type":"error","error":{"type":"overloaded_error"}}', 503],
    [404, 'upstream_failed', '{"error":{"message":"no such model their-model"}}', 502],
    [500, 'upstream_failed', 'HOST fell over', 502],
    [302, 'upstream_failed', '', 502],
  ] as const) {
    it(`that refuses with ${status} is ${code} to the caller, in our words`, async () => {
      const { cloud, upstreams } = await startWithProviders({
        handlers: [
          (incoming, outgoing) =>
            refusing(status, body.replace('HOST', incoming.headers.host ?? ''), {
              'retry-after': '17',
              location: 'http://127.0.0.1:1/',
            })(incoming, outgoing, ''),
        ],
      });

      const response = await chatting(cloud);
      const text = await response.text();

      assert.deepEqual([response.status, JSON.parse(text).error.code], [ours, code]);
      assert.equal(upstreams[0]?.bodies.length, 1);
      const host = new URL(upstreams[0]?.url ?? '').host;
      for (const word of [API_KEY, host, 'their-model', 'slow down']) {
        assert.equal(text.includes(word), false, text);
      }
      if (ours === 429 || ours === 503) assert.equal(response.headers.get('retry-after'), '17');
    });
  }

  it("passes on what is wrong with the request, without the provider's address or key", async () => {
    const { cloud, upstreams } = await startWithProviders({
      handlers: [
        (incoming, outgoing) =>
          refusing(
            400,
            JSON.stringify({
              error: {
                message: `temperature is too high (${incoming.headers.host}, ${API_KEY})`,
                code: 'bad_temperature',
                param: 'temperature',
              },
            }),
          )(incoming, outgoing, ''),
      ],
    });

    const response = await chatting(cloud, { temperature: 9 });
    const text = await response.text();

    const { error } = JSON.parse(text);
    assert.deepEqual([response.status, error.code], [400, 'bad_temperature']);
    assert.match(error.message, /temperature is too high/);
    assert.equal(text.includes(API_KEY), false);
    assert.equal(text.includes(new URL(upstreams[0]?.url ?? '').host), false);
    assert.equal(upstreams[0]?.bodies.length, 1);
  });

  it('goes to another provider when the first refuses its key', async () => {
    const { cloud } = await startWithProviders({
      handlers: [refusing(401, '{}'), answering(['good'])],
    });

    const response = await chatting(cloud);

    assert.equal(response.status, 200);
    assert.equal((await cloud.settled()).at(-1)?.replicaId, 'rep_1');
  });

  it('that lies, breaks off or says nothing in time harms only its own request', async () => {
    const lies: readonly (readonly [Handler, number, string])[] = [
      [refusing(200, '<html>welcome</html>'), 502, 'upstream_invalid'],
      [(_incoming, outgoing) => outgoing.destroy(), 502, 'upstream_failed'],
      [() => {}, 504, 'upstream_timeout'],
    ];
    for (const [handler, status, code] of lies) {
      const { cloud } = await startWithProviders({
        handlers: [handler],
        provider: { timeoutMs: 50 },
      });
      const response = await chatting(cloud);
      assert.deepEqual([response.status, (await bodyOf(response)).error.code], [status, code]);
      assert.deepEqual([cloud.gateway.counts().slots, cloud.gateway.counts().live], [0, 0]);
    }
  });

  it('is not reached where its address is not public', async () => {
    const { cloud, upstreams, replicas } = await startWithProviders({
      handlers: [answering(['never'])],
      provider: { allowsPrivate: false },
    });

    const byNumber = await chatting(cloud);
    const [replica] = replicas;
    assert(replica !== undefined);
    cloud.change({
      replicas: [{ ...replica, url: replica.url.replace('127.0.0.1', 'localhost') }],
    });
    const byName = await chatting(cloud);

    for (const response of [byNumber, byName]) {
      assert.deepEqual(
        [response.status, (await bodyOf(response)).error.code],
        [502, 'provider_address_denied'],
      );
    }
    assert.deepEqual(upstreams[0]?.bodies, []);
  });
});

describe("a tenant's own provider", () => {
  it('answers nobody else, and is listed to nobody else', async () => {
    const { cloud, upstreams } = await startWithProviders({
      handlers: [answering(['mine'])],
      options: { model: { tenantId: 'ten_one', visibility: 'private', leavesCloud: true } },
    });
    const theirs = { authorization: `Bearer ${cloud.addKey({ tenantId: 'ten_two' })}` };
    const headers = { ...theirs, 'content-type': 'application/json' };

    const stranger = await cloud.chat({}, { headers });
    const listed = await fetch(`${cloud.url}/v1/models`, { headers });
    const own = await fetch(`${cloud.url}/v1/models`, { headers: cloud.headers });

    assert.deepEqual(
      [stranger.status, (await bodyOf(stranger)).error.code],
      [404, 'model_not_found'],
    );
    assert.deepEqual((await bodyOf(listed)).data, []);
    assert.equal((await bodyOf(own)).data[0].leaves_cloud, true);
    assert.deepEqual(upstreams[0]?.bodies, []);
  });
});

describe('the key of a provider', () => {
  it('is used in the version of the feed only', async () => {
    const { cloud, upstreams, replicas } = await startWithProviders({
      handlers: [answering(['one'])],
    });
    assert.equal((await chatting(cloud)).status, 200);
    const [replica] = replicas;
    assert(replica !== undefined && replica.provider !== undefined && replica.provider !== null);

    cloud.change({ replicas: [{ ...replica, provider: { ...replica.provider, keyVersion: 2 } }] });
    const early = await cloud.chat();
    cloud.control.providerKeys.set('prv_0', { apiKey: 'sk-second', keyVersion: 2 });

    assert.equal(early.status, 503);
    assert.equal((await bodyOf(early)).error.code, 'provider_unavailable');
    assert.equal((await chatting(cloud)).status, 200);
    assert.equal(upstreams[0]?.bodies.length, 2);
  });

  it('stays in memory while control is away', async () => {
    const { cloud } = await startWithProviders({ handlers: [answering(['one'])] });
    assert.equal((await chatting(cloud)).status, 200);

    cloud.control.providerKeys.clear();

    assert.equal((await cloud.chat()).status, 200);
  });

  it('reaches no log', async () => {
    const lines: string[] = [];
    const write = (...parts: unknown[]): void => {
      lines.push(inspect(parts, { depth: 10 }));
    };
    const log = { ...silentLog, debug: write, info: write, warn: write, error: write };
    const { cloud } = await startWithProviders({
      handlers: [refusing(401, `{"error":{"message":"bad ${API_KEY}"}}`), answering(['x'])],
      options: { log },
    });

    await chatting(cloud);

    assert.equal(lines.join('').includes(API_KEY), false);
    assert.equal(lines.join('').includes('request.retried'), true);
  });
});

describe('a provider with a limit of one request at a time', () => {
  const OTHER = 'qwen/other';

  async function startLimited(handler: Handler) {
    const upstream = await startScripted(handler);
    const provider = { ...PROVIDER, parallel: 1 };
    const replica = (id: string, deploymentId: string): FeedReplica =>
      feedReplica({ id, deploymentId, url: `${upstream.url}/v1`, parallel: 1, provider });
    const deployment = (id: string, modelName: string, modelId: string) =>
      ({ id, modelName, modelId, tenantId: 'ten_one', isWanted: true, state: 'ready' }) as const;
    const cloud = await startCloud({
      feed: {
        models: [feedModel(), feedModel({ name: OTHER, modelId: 'mdl_two' })],
        deployments: [
          { ...deployment('dep_one', MODEL, 'mdl_one'), reason: null },
          { ...deployment('dep_two', OTHER, 'mdl_two'), reason: null },
        ],
        replicas: [replica('rep_one', 'dep_one'), replica('rep_two', 'dep_two')],
      },
    });
    cloud.control.providerKeys.set(PROVIDER.id, { apiKey: API_KEY, keyVersion: 1 });
    after(async () => {
      await cloud.stop();
      await upstream.stop();
    });
    return { cloud, upstream };
  }

  it('has never more, whatever models they are for, and loses none', async () => {
    let inside = 0;
    let most = 0;
    const { cloud } = await startLimited((_incoming, outgoing) => {
      inside += 1;
      most = Math.max(most, inside);
      setImmediate(() => {
        inside -= 1;
        outgoing.writeHead(200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify(wholeAnswer('ok')));
      });
    });
    await chatting(cloud);

    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const response = await cloud.chat({ model: index % 2 === 0 ? MODEL : OTHER });
        return response.status;
      }),
    );

    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(most, 1);
    assert.equal(cloud.gateway.counts().slots, 0);
  });

  it('lets go of callers that leave while they wait in its line', async () => {
    const held: (() => void)[] = [];
    const { cloud, upstream } = await startLimited((_incoming, outgoing) => {
      held.push(() => {
        outgoing.writeHead(200, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify(wholeAnswer('ok')));
      });
    });
    const first = chatting(cloud);
    await until(() => held.length === 1);
    const leaving = new AbortController();
    const second = cloud.chat({ model: OTHER }, { signal: leaving.signal });
    await until(() => cloud.gateway.counts().slots === 2);

    leaving.abort();
    await assert.rejects(second);
    await until(() => cloud.gateway.counts().slots === 1);
    held[0]?.();

    assert.equal((await first).status, 200);
    await until(() => cloud.gateway.counts().live === 0);
    assert.deepEqual([cloud.gateway.counts().slots, upstream.bodies.length], [0, 1]);
  });
});
