import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  CUSTOMER,
  OPERATOR,
  createFleetFixture,
  readyReplica,
  reportFrom,
} from './fleet-fixture.ts';
import type { Fleet } from './fleet.ts';
import { createFleetInternalRoutes } from './internal-routes.ts';
import { createFleetRoutes } from './routes.ts';

const testDatabase = await createTestDatabase();

const operator: Principal = {
  tenantId: OPERATOR,
  tenantKind: 'operator',
  role: 'owner',
  userId: 'usr',
  keyId: null,
  projectId: null,
};
const customer: Principal = {
  ...operator,
  tenantId: CUSTOMER,
  tenantKind: 'customer',
  role: 'developer',
};

/** Control with nothing but the fleet in it, called by this principal. */
function callAs(fleet: Fleet, principal: Principal) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use('/cloud/v1/*', async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createFleetRoutes(fleet));
  app.route('/', createFleetInternalRoutes(fleet));
  return async (method: string, path: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(path, { method, ...(body === undefined ? {} : json) });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null };
  };
}

describe('/cloud/v1/deployments', () => {
  it('creates, shows, lists page by page and removes', async () => {
    const { fleet } = await createFleetFixture(testDatabase);
    const call = callAs(fleet, operator);

    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const created = await call('POST', '/cloud/v1/deployments', { model: 'op/tiny' });
      assert.equal(created.status, 201);
      ids.push(created.json.id);
    }
    const first = await call('GET', '/cloud/v1/deployments?limit=2');
    const second = await call('GET', `/cloud/v1/deployments?cursor=${first.json.nextCursor}`);
    const removed = await call('DELETE', `/cloud/v1/deployments/${ids[0]}`);

    const listed = [...first.json.data, ...second.json.data].map(({ id }: { id: string }) => id);
    assert.deepEqual(listed, ids.toSorted());
    assert.equal(second.json.nextCursor, null);
    assert.equal(removed.status, 204);
    assert.equal((await call('GET', `/cloud/v1/deployments/${ids[0]}`)).status, 404);
  });

  it('says what is wrong with a wish', async () => {
    const { fleet } = await createFleetFixture(testDatabase);
    const call = callAs(fleet, operator);

    const wrongType = await call('POST', '/cloud/v1/deployments', { model: 7 });
    const unknown = await call('POST', '/cloud/v1/deployments', { model: 'op/none' });
    const misspelt = await call('POST', '/cloud/v1/deployments', {
      model: 'op/tiny',
      minReplicas: 0,
    });

    assert.equal(misspelt.status, 400);
    assert.deepEqual([wrongType.status, wrongType.json.error.param], [400, 'model']);
    assert.deepEqual([unknown.status, unknown.json.error.code], [404, 'deployment.model_unknown']);
  });

  it('shows a tenant nothing of another, on any route', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    const logs = [{ replicaId, atMs: 1_800_000_000_000, line: 'secret line' }];
    await reportFrom(fleet, 'one', [readyReplica(replicaId)], { logs });
    const call = callAs(fleet, customer);

    const answers = await Promise.all([
      call('GET', `/cloud/v1/deployments/${id}`),
      call('DELETE', `/cloud/v1/deployments/${id}`),
      call('GET', `/cloud/v1/deployments/${id}/logs`),
      call('GET', `/cloud/v1/deployments/${id}/logs?follow=true`),
    ]);
    const list = await call('GET', '/cloud/v1/deployments');
    const nodes = await call('GET', '/cloud/v1/nodes');

    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404],
    );
    assert.deepEqual(list.json.data, []);
    assert.deepEqual(nodes.json.data, []);
    const mine = callAs(fleet, operator);
    assert.match((await mine('GET', `/cloud/v1/deployments/${id}/logs`)).text, /secret line\n$/);
    assert.equal((await mine('GET', '/cloud/v1/nodes')).json.data[0].name, 'one');
  });

  it('lets a customer deploy its own and public models only', async () => {
    const { fleet } = await createFleetFixture(testDatabase);
    const call = callAs(fleet, customer);
    const deploy = async (model: string) =>
      (await call('POST', '/cloud/v1/deployments', { model })).status;

    assert.equal(await deploy('cust/own'), 201);
    assert.equal(await deploy('op/tiny'), 201);
    assert.equal(await deploy('op/secret'), 404);
  });

  it('asks for the right role', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    const id = await deploy();
    const call = callAs(fleet, { ...operator, role: 'viewer' });

    assert.equal((await call('GET', `/cloud/v1/deployments/${id}`)).status, 200);
    assert.equal((await call('POST', '/cloud/v1/deployments', { model: 'op/tiny' })).status, 403);
    assert.equal((await call('DELETE', `/cloud/v1/deployments/${id}`)).status, 403);
  });
});

describe('/internal/v1', () => {
  it('takes a report, wakes a deployment, and says what is wrong', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    const id = await deploy({ model: 'op/tiny', replicasMin: 0 });
    const call = callAs(fleet, operator);

    const report = await call('POST', '/internal/v1/nodes/sync', {
      name: 'one',
      region: 'local',
      zone: 'a',
      cores: 2,
      memoryBytes: 1e10,
      version: '0',
      replicas: [],
      logs: [],
      knownTag: null,
    });

    assert.match(report.json.nodeId, /^nod_/);
    assert.equal((await call('POST', `/internal/v1/deployments/${id}/wake`, {})).status, 204);
    assert.equal((await call('POST', '/internal/v1/deployments/dep_none/wake', {})).status, 404);
    assert.equal((await call('POST', '/internal/v1/nodes/sync', { name: 1 })).status, 400);
  });
});
