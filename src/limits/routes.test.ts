/** Who may set and see which limits, through the real routes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callerWithKey, createCloud, signIn } from '#tenancy/tenancy-fixture.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import { createLimitRoutes } from './routes.ts';
import { createLimits } from './limits.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, clock } = cloud;
const { database } = cloud.database;
const limits = createLimits({ database, clock, names: createScopeDirectory(database) });
app.route('/', createLimitRoutes(limits));
const operator = callerWithKey(app, cloud.owner.apiKey);

const LIMITS = '/cloud/v1/limits';

/** A customer with its owner signed in, and keys of several roles. */
async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name, email: `${name}@limits.example` },
  });
  const person = await signIn(app, made.body.owner);
  const projects = await person('GET', '/cloud/v1/projects');
  const keys: Record<string, { id: string; secret: string }> = {};
  for (const role of ['owner', 'developer', 'viewer']) {
    keys[role] = (await person('POST', '/cloud/v1/keys', { name: role, role })).body;
  }
  const keyOf = (role: string) => keys[role] ?? { id: '', secret: '' };
  return {
    tenantId: String(made.body.id),
    projectId: String(projects.body.data[0].id),
    person,
    keyId: (role: string) => keyOf(role).id,
    as: (role: string) => callerWithKey(app, keyOf(role).secret),
  };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');

describe('limits', () => {
  it('are set, listed with their names and use, replaced whole, and removed', async () => {
    const { person, projectId } = acme;
    const path = `${LIMITS}/project/${projectId}`;
    const first = await person('PUT', path, { requestsPerMinute: 60, dailyBudget: '12.50' });
    assert.equal(first.status, 200, JSON.stringify(first.body));
    await person('PUT', path, { tokensPerMinute: 1_000, networks: ['10.0.0.0/8', '2001:db8::1'] });

    const { body } = await person('GET', LIMITS);

    assert.equal(body.data.length, 1);
    const [limit] = body.data;
    assert.equal(limit.name, 'Default');
    assert.equal(limit.requestsPerMinute, null);
    assert.equal(limit.tokensPerMinute, 1_000);
    assert.deepEqual(limit.networks, ['10.0.0.0/8', '2001:db8::1']);
    assert.equal(limit.use.tokensPerMinute, 0);
    assert.equal((await person('DELETE', path)).status, 204);
    assert.equal((await person('DELETE', path)).body.error.code, 'limit.unknown');
  });

  for (const [what, body, code] of [
    ['a network that is none', { networks: ['10.0.0.0/33'] }, 'limit.network_invalid'],
    ['nothing at all', {}, 'limit.empty'],
    ['a word that does not exist', { requestsPerHour: 1 }, 'request.invalid'],
    ['zero calls', { requestsPerMinute: 0 }, 'request.invalid'],
    ['a budget below nothing', { dailyBudget: '-1' }, 'request.invalid'],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, 'limit.time_zone_invalid'],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const { body: answer } = await acme.person('PUT', `${LIMITS}/tenant/${acme.tenantId}`, body);
      assert.equal(answer.error.code, code);
    });
  }

  it('move the version that gateways follow, by every change', async () => {
    const path = `${LIMITS}/tenant/${bolt.tenantId}`;
    await bolt.person('PUT', path, { concurrency: 3 });
    await bolt.person('PUT', path, { concurrency: 4 });
    await bolt.person('DELETE', path);

    const changes = await limits.listChanges();

    assert.equal(changes.find(({ tenantId }) => tenantId === bolt.tenantId)?.version, 3);
  });
});

describe('a ceiling of the platform', () => {
  it('is set by the operator, and read but not touched by the tenant', async () => {
    const path = `${LIMITS}/platform/${bolt.tenantId}`;
    const set = await operator('PUT', path, { requestsPerMinute: 10 });
    assert.equal(set.status, 200, JSON.stringify(set.body));

    const raised = await bolt.person('PUT', path, { requestsPerMinute: 1_000 });
    const removed = await bolt.person('DELETE', path);
    const seen = await bolt.person('GET', LIMITS);

    assert.equal(raised.body.error.code, 'limit.not_yours');
    assert.equal(removed.body.error.code, 'limit.not_yours');
    assert.equal(seen.body.data[0].level, 'platform');
    assert.equal(seen.body.data[0].requestsPerMinute, 10);
    const asked = await operator('GET', `${LIMITS}?tenantId=${bolt.tenantId}`);
    assert.equal(asked.body.data[0].requestsPerMinute, 10);
  });
});

describe('who sets limits', () => {
  it('is nobody with the role of a developer or viewer, whatever they address', async () => {
    for (const role of ['developer', 'viewer']) {
      for (const at of [
        `tenant/${acme.tenantId}`,
        `project/${acme.projectId}`,
        `key/${acme.keyId('viewer')}`,
        `platform/${acme.tenantId}`,
      ]) {
        const set = await acme.as(role)('PUT', `${LIMITS}/${at}`, { concurrency: 1_000 });
        const removed = await acme.as(role)('DELETE', `${LIMITS}/${at}`);
        assert.equal(set.body.error.code, 'access.denied', at);
        assert.equal(removed.body.error.code, 'access.denied', at);
      }
    }
  });

  it('is a key for other keys of its project, and never what holds itself', async () => {
    const call = acme.as('owner');
    const other = await call('PUT', `${LIMITS}/key/${acme.keyId('developer')}`, { concurrency: 2 });
    assert.equal(other.status, 200, JSON.stringify(other.body));
    for (const at of [
      `tenant/${acme.tenantId}`,
      `project/${acme.projectId}`,
      `key/${acme.keyId('owner')}`,
    ]) {
      const { body } = await call('PUT', `${LIMITS}/${at}`, { concurrency: 1_000 });
      assert.equal(body.error.code, 'limit.not_yours', at);
    }
  });

  it('is never another tenant, which does not even learn what there is', async () => {
    const before = await limits.list(
      {
        tenantId: acme.tenantId,
        tenantKind: 'customer',
        role: 'owner',
        userId: 'x',
        keyId: null,
        projectId: null,
      },
      undefined,
    );
    for (const call of [bolt.person, bolt.as('owner')]) {
      for (const at of [
        `tenant/${acme.tenantId}`,
        `project/${acme.projectId}`,
        `key/${acme.keyId('developer')}`,
      ]) {
        for (const method of ['PUT', 'DELETE']) {
          const body = method === 'PUT' ? { concurrency: 1 } : undefined;
          const answer = await call(method, `${LIMITS}/${at}`, body);
          assert.equal(answer.body.error.code, 'limit.scope_unknown', `${method} ${at}`);
        }
      }
      const listed = await call('GET', `${LIMITS}?tenantId=${acme.tenantId}`);
      assert.equal(listed.body.error.code, 'limit.scope_unknown');
      const own = await call('GET', LIMITS);
      assert.ok(!JSON.stringify(own.body).includes(acme.tenantId));
    }
    const policy = await limits.policyOf({
      tenantId: acme.tenantId,
      projectId: acme.projectId,
      keyId: acme.keyId('developer'),
    });
    assert.equal(policy.limits.length, before.length);
  });
});
