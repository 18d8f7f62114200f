import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createRoutingRoutes } from './routes.ts';
import { type RoutableModels, createRouting } from './routing.ts';

const { database } = await createTestDatabase();
await sql`insert into tenants (id, kind, name) values ('ten_op', 'operator', 'Operator'),
  ('ten_a', 'customer', 'A'), ('ten_b', 'customer', 'B')`.execute(database);

/** `op/public` is everybody's; the others are their owners'. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  ten_op: ['op/public', 'op/secret'],
  ten_a: ['a/own'],
  ten_b: ['b/own'],
};

const models: RoutableModels = {
  names: async (tenantId) => ({
    all: new Set(['op/public', ...(OWN[tenantId] ?? [])]),
    own: new Set(OWN[tenantId] ?? []),
  }),
  nameOfDeployment: async (tenantId, id) =>
    tenantId === 'ten_a' && id === 'dep_a' ? 'a/own' : null,
};

const routing = createRouting({ database, models, clock: createManualClock(), log: silentLog });

function as(tenantId: string, role: Principal['role'] = 'developer') {
  const tenantKind = tenantId === 'ten_op' ? 'operator' : 'customer';
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use('/cloud/v1/*', async (context, next) => {
    const principal = { tenantId, tenantKind, role, userId: 'usr', keyId: null, projectId: null };
    context.set('principal', principal as Principal);
    await next();
  });
  app.route('/', createRoutingRoutes(routing));
  return async (method: string, path: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(path, { method, ...(body === undefined ? {} : json) });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? null : JSON.parse(text) };
  };
}

const ROUTES = '/cloud/v1/routes';
const [op, a, b] = [as('ten_op'), as('ten_a'), as('ten_b')];

async function refused(call: ReturnType<typeof as>, wish: object): Promise<[number, string]> {
  const { status, body } = await call('POST', ROUTES, wish);
  return [status, body.error.code];
}

beforeEach(async () => {
  await sql`truncate routes`.execute(database);
});

describe('/cloud/v1/routes', () => {
  it('creates, replaces by name, lists and removes, and moves the feed each time', async () => {
    const versionOf = async (): Promise<number> =>
      (await sql<{ version: number }>`select version from feed_version`.execute(database)).rows[0]
        ?.version ?? 0;
    const before = await versionOf();

    const created = await a('POST', ROUTES, { name: 'fast', targets: [{ model: 'a/own' }] });
    const replaced = await a('POST', ROUTES, {
      name: 'fast',
      targets: [
        { model: 'a/own', weight: 9 },
        { model: 'op/public', weight: 1 },
      ],
      canary: { model: 'a/own', deploymentId: 'dep_a', percent: 2.5 },
      fallbacks: [{ model: 'op/public' }],
      fallbackOn: ['error'],
      sticky: 'session',
    });
    const listed = await a('GET', ROUTES);
    const removed = await a('DELETE', `${ROUTES}/${replaced.body.id}`);

    assert.deepEqual([created.status, replaced.status, removed.status], [201, 200, 204]);
    assert.equal(created.body.id, replaced.body.id);
    assert.deepEqual(created.body.targets, [{ model: 'a/own', deploymentId: null, weight: 1 }]);
    assert.deepEqual(listed.body.data, [replaced.body]);
    assert.equal(replaced.body.canary.percent, 2.5);
    assert.deepEqual((await a('GET', ROUTES)).body.data, []);
    assert.equal(await versionOf(), before + 3);
  });

  it('says what is wrong with a route', async () => {
    const targets = [{ model: 'a/own' }];
    const wrong: readonly (readonly [object, number, string])[] = [
      [{ name: 'x', targets: [{ model: 'nothing' }] }, 404, 'route.model_unknown'],
      [{ name: 'x', targets: [{ model: 'a/own', weight: 0 }] }, 400, 'route.weights_zero'],
      [{ name: 'x', targets: [...targets, ...targets] }, 400, 'route.target_repeated'],
      [{ name: 'x', targets: [{ model: 'x' }] }, 400, 'route.circle'],
      [
        { name: 'x', targets: [{ model: 'a/own', deploymentId: 'dep_x' }] },
        404,
        'route.deployment_unknown',
      ],
      [
        { name: 'x', targets: [{ model: 'op/public', deploymentId: 'dep_a' }] },
        404,
        'route.deployment_unknown',
      ],
      [{ name: 'x', targets, scope: 'platform' }, 403, 'route.platform_refused'],
    ];
    for (const [wish, status, code] of wrong)
      assert.deepEqual(await refused(a, wish), [status, code]);
    for (const wish of [
      { name: '', targets },
      { name: 'has space', targets },
      { name: 'x', targets: [] },
      { name: 'x', targets, canary: { model: 'a/own', percent: 101 } },
      { name: 'x', targets, fallbackOn: ['mood'] },
      { name: 'x', targets, colour: 'red' },
    ]) {
      assert.equal((await a('POST', ROUTES, wish)).status, 400, JSON.stringify(wish));
    }
  });

  it('finds a circle through routes that were there before', async () => {
    await a('POST', ROUTES, { name: 'one', targets: [{ model: 'a/own' }] });
    await a('POST', ROUTES, { name: 'two', targets: [{ model: 'one' }] });
    assert.deepEqual(await refused(a, { name: 'one', targets: [{ model: 'two' }] }), [
      400,
      'route.circle',
    ]);
  });

  it('holds a tenant to a hundred', async () => {
    for (let index = 0; index < 100; index += 1) {
      await routing.set(
        { tenantId: 'ten_b', isOperator: false },
        { name: `r${index}`, targets: [{ model: 'b/own' }] },
      );
    }
    const targets = [{ model: 'b/own' }];
    assert.deepEqual(await refused(b, { name: 'more', targets }), [409, 'route.too_many']);
    assert.equal((await b('POST', ROUTES, { name: 'r7', targets })).status, 200);
  });

  it('is for those who may deploy', async () => {
    const viewer = as('ten_a', 'viewer');
    assert.equal((await viewer('GET', ROUTES)).status, 200);
    assert.equal(
      (await viewer('POST', ROUTES, { name: 'x', targets: [{ model: 'a/own' }] })).status,
      403,
    );
    assert.equal((await viewer('DELETE', `${ROUTES}/rte_1`)).status, 403);
  });
});

describe('between tenants', () => {
  it('nothing of another’s routes is seen, led to or removed', async () => {
    const mine = await a('POST', ROUTES, { name: 'mine', targets: [{ model: 'a/own' }] });

    assert.deepEqual((await b('GET', ROUTES)).body.data, []);
    assert.equal((await b('DELETE', `${ROUTES}/${mine.body.id}`)).status, 404);
    assert.deepEqual(await refused(b, { name: 'x', targets: [{ model: 'mine' }] }), [
      404,
      'route.model_unknown',
    ]);
    assert.deepEqual(await refused(b, { name: 'x', targets: [{ model: 'a/own' }] }), [
      404,
      'route.model_unknown',
    ]);
    assert.equal(
      (await b('POST', ROUTES, { name: 'mine', targets: [{ model: 'b/own' }] })).status,
      201,
    );
    assert.deepEqual((await a('GET', ROUTES)).body.data, [mine.body]);
  });

  it('the operator’s route is seen by all, without what is its own secret', async () => {
    const set = await op('POST', ROUTES, {
      name: 'fast',
      scope: 'platform',
      targets: [{ model: 'op/public' }, { model: 'op/secret' }],
      canary: { model: 'op/secret', percent: 1 },
      fallbacks: [{ model: 'op/secret' }],
    });
    assert.equal(set.status, 201);

    const seen = await b('GET', ROUTES);

    assert.doesNotMatch(seen.text, /secret/);
    assert.equal(seen.body.data[0].name, 'fast');
    assert.equal((await b('DELETE', `${ROUTES}/${set.body.id}`)).status, 404);
    assert.equal(
      (await b('POST', ROUTES, { name: 'mine', targets: [{ model: 'fast' }] })).status,
      201,
    );
  });
});
