/** Names that stand for models, over a real gateway, real sockets and engines that each test scripts. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { RouteRule } from '#routing/route.ts';
import type { Feed, FeedModel } from '../feed.ts';
import {
  type Cloud,
  type Handler,
  MODEL,
  PRICE,
  type Scripted,
  TENANT,
  answering,
  feedModel,
  feedReplica,
  startCloud,
  startScripted,
} from '../gateway-fixture.ts';

const BIG = 'qwen/big';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

const rule = (changes: Partial<RouteRule> = {}): RouteRule => ({
  id: 'rte_one',
  tenantId: TENANT,
  name: 'fast',
  isPlatform: false,
  targets: [{ model: MODEL, deploymentId: null, weight: 1 }],
  canary: null,
  fallbacks: [],
  fallbackOn: ['unavailable', 'overloaded', 'error', 'timeout'],
  sticky: 'key',
  ...changes,
});

const big = (changes: Partial<FeedModel> = {}): FeedModel =>
  feedModel({ name: BIG, modelId: 'mdl_big', contextLength: 1024, ...changes });

type Started = Readonly<{ cloud: Cloud; small: Scripted; large: Scripted }>;

/** Two models, `qwen/tiny` and `qwen/big`, each with an engine, and these routes. */
async function start(
  routes: readonly RouteRule[],
  handlers: Readonly<{ small?: Handler; large?: Handler }> = {},
  feed: Partial<Feed> = {},
): Promise<Started> {
  const small = await startScripted(handlers.small ?? answering(['small']));
  const large = await startScripted(handlers.large ?? answering(['large']));
  const cloud = await startCloud();
  running.push(cloud.stop, small.stop, large.stop);
  const deployment = {
    tenantId: TENANT,
    isWanted: true,
    state: 'ready' as const,
    reason: null,
  };
  cloud.change({
    models: [feedModel(), big()],
    deployments: [
      { ...deployment, id: 'dep_small', modelName: MODEL, modelId: 'mdl_one' },
      { ...deployment, id: 'dep_big', modelName: BIG, modelId: 'mdl_big' },
    ],
    replicas: [
      feedReplica({ id: 'rep_small', deploymentId: 'dep_small', url: small.url }),
      feedReplica({ id: 'rep_big', deploymentId: 'dep_big', url: large.url }),
    ],
    routes,
    ...feed,
  });
  return { cloud, small, large };
}

const failing: Handler = (_incoming, outgoing) => {
  outgoing.writeHead(500).end('{}');
};

type Answer = { model: string; error?: { code: string; message: string } };
const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;
const to = (model: string) => ({ model, deploymentId: null });

describe('a route', () => {
  it('is answered by the model behind it, which the answer and its headers name', async () => {
    const { cloud, small } = await start([rule()]);

    const response = await cloud.chat({ model: 'fast' });
    const stream = await (await cloud.chat({ model: 'fast', stream: true })).text();

    assert.equal((await answerOf(response)).model, MODEL);
    assert.equal(response.headers.get('x-flywheel-route'), 'fast');
    assert.equal(response.headers.get('x-flywheel-model'), MODEL);
    assert.equal(response.headers.get('x-flywheel-deployment'), 'dep_small');
    assert.match(stream, new RegExp(`"model":"${MODEL}"`));
    assert.deepEqual(
      small.bodies.map((body) => (JSON.parse(body) as Answer).model),
      [MODEL, MODEL],
    );
    assert.deepEqual(
      (await cloud.settled()).map(({ modelName, deploymentId }) => [modelName, deploymentId]),
      [
        [MODEL, 'dep_small'],
        [MODEL, 'dep_small'],
      ],
    );
  });

  it('costs what the model behind it costs', async () => {
    const { cloud } = await start(
      [rule({ targets: [{ ...to(BIG), weight: 1 }] })],
      {},
      {
        models: [
          feedModel(),
          big({ prices: [{ ...PRICE, priceId: 'prc_big', modelId: 'mdl_big' }] }),
        ],
      },
    );
    cloud.control.availablePico = 10n ** 12n;

    await (await cloud.chat({ model: 'fast', max_tokens: 5 })).text();

    const [settled] = await cloud.settled();
    assert.deepEqual([settled?.modelId, settled?.priceId], ['mdl_big', 'prc_big']);
  });

  it('takes effect with the next feed', async () => {
    const { cloud } = await start([]);
    assert.equal((await cloud.chat({ model: 'fast' })).status, 404);
    cloud.change({ routes: [rule()] });
    assert.equal((await answerOf(await cloud.chat({ model: 'fast' }))).model, MODEL);
    cloud.change({ routes: [rule({ targets: [{ ...to(BIG), weight: 1 }] })] });
    assert.equal((await answerOf(await cloud.chat({ model: 'fast' }))).model, BIG);
  });

  it('sends a canary its share, and one key always to the same', async () => {
    const { cloud } = await start([rule({ canary: { ...to(BIG), percent: 30 } })]);
    const models = new Map<string, number>();
    for (let key = 0; key < 60; key += 1) {
      const headers = { ...cloud.headers, authorization: `Bearer ${cloud.addKey()}` };
      const answers: string[] = [];
      for (let call = 0; call < 2; call += 1) {
        answers.push((await answerOf(await cloud.chat({ model: 'fast' }, { headers }))).model);
      }
      const [first = '', second] = answers;
      assert.equal(first, second);
      models.set(first, (models.get(first) ?? 0) + 1);
    }
    const share = (models.get(BIG) ?? 0) / 60;
    assert.ok(share > 0.1 && share < 0.5, String(share));
  });

  it('keeps a session on one target, whichever key it uses', async () => {
    const half = [
      { ...to(MODEL), weight: 1 },
      { ...to(BIG), weight: 1 },
    ];
    const { cloud } = await start([rule({ targets: half, sticky: 'session' })]);
    const seen = new Map<string, Set<string>>();
    for (let call = 0; call < 40; call += 1) {
      const session = `session ${call % 10}`;
      const headers = {
        ...cloud.headers,
        authorization: `Bearer ${cloud.addKey()}`,
        'x-flywheel-session': session,
      };
      const { model } = await answerOf(await cloud.chat({ model: 'fast' }, { headers }));
      seen.set(session, (seen.get(session) ?? new Set()).add(model));
    }
    assert.ok([...seen.values()].every((models) => models.size === 1));
    assert.equal(new Set([...seen.values()].flatMap((models) => [...models])).size, 2);
  });

  it('may name one deployment of a model', async () => {
    const { cloud, small, large } = await start([
      rule({ name: MODEL, targets: [{ model: MODEL, deploymentId: 'dep_new', weight: 1 }] }),
    ]);
    const deployment = {
      tenantId: TENANT,
      modelName: MODEL,
      modelId: 'mdl_one',
      isWanted: true,
      state: 'ready' as const,
      reason: null,
    };
    cloud.change({
      deployments: [
        { ...deployment, id: 'dep_old' },
        { ...deployment, id: 'dep_new' },
      ],
      replicas: [
        feedReplica({ id: 'rep_old', deploymentId: 'dep_old', url: small.url }),
        feedReplica({ id: 'rep_new', deploymentId: 'dep_new', url: large.url }),
      ],
    });
    for (let call = 0; call < 4; call += 1) {
      const response = await cloud.chat();
      assert.equal(response.headers.get('x-flywheel-deployment'), 'dep_new');
      await response.text();
    }
  });
});

describe('a fallback', () => {
  it('answers when the first model fails, each settled by itself', async () => {
    const { cloud } = await start([rule({ fallbacks: [to(BIG)] })], { small: failing });

    const response = await cloud.chat({ model: 'fast' });

    assert.equal((await answerOf(response)).model, BIG);
    assert.equal(response.headers.get('x-flywheel-model'), BIG);
    assert.equal(response.headers.get('x-flywheel-deployment'), 'dep_big');
    assert.deepEqual(
      (await cloud.settled()).map(({ attempt, modelName, outcome }) => [
        attempt,
        modelName,
        outcome,
      ]),
      [
        [1, MODEL, 'failed'],
        [2, BIG, 'finished'],
      ],
    );
    assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
  });

  it('answers at once when the first model is asleep or loading, and wakes it', async () => {
    const { cloud, large } = await start([rule({ fallbacks: [to(BIG)] })]);
    const deployment = { tenantId: TENANT, isWanted: true, reason: null };
    cloud.change({
      deployments: [
        {
          ...deployment,
          id: 'dep_small',
          modelName: MODEL,
          modelId: 'mdl_one',
          state: 'absent',
        },
        { ...deployment, id: 'dep_big', modelName: BIG, modelId: 'mdl_big', state: 'ready' },
      ],
      replicas: [feedReplica({ id: 'rep_big', deploymentId: 'dep_big', url: large.url })],
    });

    const { model } = await answerOf(await cloud.chat({ model: 'fast' }));

    assert.equal(model, BIG);
    assert.ok(cloud.control.calls.some((call) => call.endsWith('/dep_small/wake')));
  });

  it('is not taken for a mistake of the caller, nor for what the route leaves out', async () => {
    const refusing: Handler = (_incoming, outgoing) => {
      outgoing.writeHead(400, { 'content-type': 'application/json' });
      outgoing.end('{"error":{"message":"too long","code":"context_length_exceeded"}}');
    };
    const mistaken = await start([rule({ fallbacks: [to(BIG)] })], { small: refusing });
    const narrow = await start([rule({ fallbacks: [to(BIG)], fallbackOn: ['timeout'] })], {
      small: failing,
    });

    const mistake = await mistaken.cloud.chat({ model: 'fast' });
    const failure = await narrow.cloud.chat({ model: 'fast' });

    assert.equal((await answerOf(mistake)).error?.code, 'context_length_exceeded');
    assert.equal((await answerOf(failure)).error?.code, 'upstream_failed');
    assert.equal(mistaken.large.bodies.length + narrow.large.bodies.length, 0);
  });

  it('that cannot be paid does not hide why it was needed', async () => {
    const { cloud } = await start(
      [rule({ fallbacks: [to(BIG)] })],
      { small: failing },
      {
        models: [feedModel(), big({ prices: [{ ...PRICE, modelId: 'mdl_big' }] })],
      },
    );
    const response = await cloud.chat({ model: 'fast' });
    assert.deepEqual(
      [response.status, (await answerOf(response)).error?.code],
      [502, 'upstream_failed'],
    );
    assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
  });
});

describe('between tenants', () => {
  it('a route is its tenant’s own, and the operator’s is everybody’s', async () => {
    const { cloud } = await start([
      rule({ id: 'rte_foreign', tenantId: 'ten_other', name: 'theirs' }),
      rule({ id: 'rte_platform', tenantId: 'ten_op', name: 'everyones', isPlatform: true }),
    ]);
    assert.equal((await cloud.chat({ model: 'theirs' })).status, 404);
    assert.equal((await cloud.chat({ model: 'everyones' })).status, 200);
  });

  it('a route gives no right to a model, and a refusal names nothing behind it', async () => {
    const secret = big({ name: 'op/secret', tenantId: 'ten_op', visibility: 'private' });
    const { cloud } = await start(
      [
        rule({
          id: 'rte_1',
          tenantId: 'ten_op',
          name: 'hidden',
          isPlatform: true,
          targets: [{ ...to('op/secret'), weight: 1 }],
        }),
        rule({ id: 'rte_2', targets: [{ ...to(BIG), weight: 1 }], fallbacks: [to(MODEL)] }),
      ],
      {},
      { models: [feedModel(), big(), secret] },
    );
    const scoped = {
      ...cloud.headers,
      authorization: `Bearer ${cloud.addKey({ models: [MODEL] })}`,
    };
    const none = { ...cloud.headers, authorization: `Bearer ${cloud.addKey({ models: ['x'] })}` };

    const hidden = await cloud.chat({ model: 'hidden' });
    const allowed = await cloud.chat({ model: 'fast' }, { headers: scoped });
    const refused = await cloud.chat({ model: 'fast' }, { headers: none });

    assert.equal(hidden.status, 404);
    assert.doesNotMatch(await hidden.text(), /secret/);
    // The first target is not this key's, so the next one is all that the name means to it.
    assert.equal((await answerOf(allowed)).model, MODEL);
    const { error } = await answerOf(refused);
    assert.deepEqual([refused.status, error?.code], [403, 'model_not_allowed']);
    assert.doesNotMatch(error?.message ?? '', /qwen/);
  });
});

describe('a limit on models', () => {
  it('leaves a target out, and the request goes to the next', async () => {
    const { cloud, small } = await start([rule({ fallbacks: [to(BIG)], fallbackOn: ['timeout'] })]);
    cloud.control.limits.set({}, { models: [BIG] });
    cloud.change({
      limitChanges: [{ tenantId: TENANT, version: cloud.control.limits.version }],
    });

    const { model } = await answerOf(await cloud.chat({ model: 'fast' }));

    assert.equal(model, BIG);
    assert.equal(small.bodies.length, 0);
  });
});

describe('the list of models', () => {
  it('has the routes that lead somewhere for this key', async () => {
    const { cloud } = await start([
      rule({
        targets: [
          { ...to(MODEL), weight: 1 },
          { ...to(BIG), weight: 1 },
        ],
      }),
      rule({ id: 'rte_2', name: 'nowhere', targets: [{ ...to('gone'), weight: 1 }] }),
      rule({ id: 'rte_3', name: 'theirs', tenantId: 'ten_other' }),
    ]);
    const list = async (secret: string) => {
      const headers = { authorization: `Bearer ${secret}` };
      const response = await fetch(`${cloud.url}/v1/models`, { headers });
      const { data } = (await response.json()) as {
        data: { id: string; context_length: number }[];
      };
      return data;
    };

    const all = await list(cloud.secret);
    const scoped = await list(cloud.addKey({ models: [MODEL] }));
    const one = await fetch(`${cloud.url}/v1/models/fast`, { headers: cloud.headers });

    assert.deepEqual(all.map(({ id }) => id).sort(), ['fast', BIG, MODEL].sort());
    assert.equal(all.find(({ id }) => id === 'fast')?.context_length, 1024);
    assert.deepEqual(scoped.map(({ id }) => id).sort(), ['fast', MODEL].sort());
    assert.equal(one.status, 200);
  });
});
