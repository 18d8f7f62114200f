import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type Caller, callerWithKey, createCloud, signIn } from './tenancy-fixture.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, owner, tenancy } = cloud;
const root = callerWithKey(app, owner.apiKey);

/** A customer with an owner who is signed in, a project, a second member and a key. */
async function createCustomer(name: string) {
  const made = await root('POST', '/cloud/v1/tenants', {
    name,
    owner: { name: `${name} owner`, email: `owner@${name}.example` },
  });
  assert.equal(made.status, 201);
  const call = await signIn(app, made.body.owner);
  const member = await call('POST', '/cloud/v1/members', {
    name: 'Dev',
    email: `dev@${name}.example`,
  });
  const key = await call('POST', '/cloud/v1/keys', { name: 'ci' });
  const projects = await call('GET', '/cloud/v1/projects');
  return {
    tenantId: String(made.body.id),
    ownerId: String(made.body.owner.id),
    password: String(made.body.owner.password),
    call,
    member: member.body,
    key: key.body,
    projectId: String(projects.body.data[0].id),
  };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');

/** Everything of one tenant that another must never meet. */
const marksOf = (tenant: typeof acme): string[] => [
  tenant.tenantId,
  tenant.ownerId,
  tenant.member.id,
  tenant.key.id,
  tenant.projectId,
  tenant.key.secret,
];

const asKey = callerWithKey(app, bolt.key.secret);
const callers: readonly (readonly [string, Caller])[] = [
  ['a member', bolt.call],
  ['a key', asKey],
];

describe('two tenants', () => {
  for (const [who, call] of callers) {
    it(`list nothing of each other to ${who}`, async () => {
      const paths = ['me', 'tenants', 'projects', 'members', 'keys', `tenants?cursor=z`];
      for (const path of paths) {
        const answer = JSON.stringify(await call('GET', `/cloud/v1/${path}`));

        for (const mark of marksOf(acme))
          assert.ok(!answer.includes(mark), `${path} shows ${mark}`);
      }
    });
  }

  it('have no door that opens with the id of the other', async () => {
    const tries: readonly (readonly [string, string, unknown?])[] = [
      ['PATCH', `tenants/${acme.tenantId}`, { name: 'mine now' }],
      ['PATCH', `members/${acme.member.id}`, { role: 'owner' }],
      ['PATCH', `members/${acme.ownerId}`, { role: 'viewer' }],
      ['DELETE', `members/${acme.member.id}`],
      ['DELETE', `keys/${acme.key.id}`],
      ['POST', 'keys', { name: 'x', projectId: acme.projectId }],
    ];
    for (const [method, path, body] of tries) {
      const answer = await bolt.call(method, `/cloud/v1/${path}`, body);

      assert.equal(answer.status, 404, `${method} ${path} answered ${answer.status}`);
    }
    assert.equal((await acme.call('GET', '/cloud/v1/me')).body.tenant.name, 'acme');
    const key = callerWithKey(app, acme.key.secret);
    assert.equal((await key('GET', '/cloud/v1/me')).status, 200);
  });

  it('cannot be entered by naming the other in the header', async () => {
    const asked = { 'x-flywheel-tenant': acme.tenantId };
    const headers = [
      { authorization: `Bearer ${bolt.key.secret}`, ...asked },
      { cookie: bolt.call.cookie, ...asked },
    ];
    for (const each of headers) {
      const answer = await app.request('http://localhost:8080/cloud/v1/me', { headers: each });

      assert.equal(answer.status, 403);
    }
  });

  it('are told apart by every row: no row of a tenant hangs under another', async () => {
    const { rows } = await sql<{ wrong: number }>`
      select count(*) as wrong from keys k join projects p on p.id = k.project_id
      where p.tenant_id <> k.tenant_id`.execute(cloud.database.database);

    assert.equal(rows[0]?.wrong, 0);
  });

  it('share a person only when that person says so', async () => {
    const person = { name: 'Someone', email: 'dev@acme.example' };
    cloud.clock.advance(1);
    const browser = await signIn(app, acme.member);
    const code = (await browser('GET', '/cloud/v1/me')).body.member.accountCode;

    const blind = await bolt.call('POST', '/cloud/v1/members', person);
    const wrong = await bolt.call('POST', '/cloud/v1/members', { ...person, accountCode: 'usr_x' });
    const right = await bolt.call('POST', '/cloud/v1/members', { ...person, accountCode: code });

    assert.deepEqual([blind.status, blind.body.error.code], [409, 'member.account_exists']);
    assert.equal(wrong.status, 409);
    assert.deepEqual([right.status, right.body.password], [201, null]);
    const me = await browser('GET', '/cloud/v1/me');
    assert.deepEqual(
      me.body.tenants.map(({ id }: { id: string }) => id),
      [acme.tenantId, bolt.tenantId],
    );
  });
});

describe('a suspended tenant', () => {
  it('is refused with its sessions and keys until it is active again', async () => {
    const path = `/cloud/v1/tenants/${acme.tenantId}`;
    const asAcmeKey = callerWithKey(app, acme.key.secret);

    await root('PATCH', path, { state: 'suspended' });
    const suspended = await Promise.all([
      acme.call('GET', '/cloud/v1/me'),
      asAcmeKey('GET', '/cloud/v1/me'),
    ]);
    const ids = await tenancy.listSuspendedTenantIds();
    await root('PATCH', path, { state: 'active' });
    const active = await asAcmeKey('GET', '/cloud/v1/me');

    assert.deepEqual(
      suspended.map(({ status, body }) => [status, body.error.code]),
      [
        [403, 'tenant.suspended'],
        [403, 'tenant.suspended'],
      ],
    );
    assert.deepEqual(ids, [acme.tenantId]);
    assert.equal(active.status, 200);
  });

  it('cannot be brought about by a customer, nor the operator suspend itself', async () => {
    const self = await bolt.call('PATCH', `/cloud/v1/tenants/${bolt.tenantId}`, {
      state: 'suspended',
    });
    const operatorId = (await root('GET', '/cloud/v1/me')).body.tenant.id;
    const operator = await root('PATCH', `/cloud/v1/tenants/${operatorId}`, { state: 'suspended' });

    assert.deepEqual([self.status, self.body.error.code], [403, 'access.denied']);
    assert.deepEqual([operator.status, operator.body.error.code], [409, 'tenant.operator_fixed']);
  });
});

describe('the database', () => {
  it('holds no secret, in no column of no table', async () => {
    const playground = await acme.call('POST', '/cloud/v1/playground-key');
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(cloud.database.database);
    let dump = '';
    for (const { name } of tables) {
      const { rows } = await sql<{ text: string }>`
        select t::text as text from ${sql.table(name)} as t`.execute(cloud.database.database);
      dump += rows.map(({ text }) => text).join('\n');
    }

    const secrets = [owner.apiKey, owner.password, acme.key.secret, acme.password];
    for (const secret of [...secrets, bolt.password, String(playground.body.secret)]) {
      assert.ok(secret.length >= 16);
      assert.ok(!dump.includes(secret));
    }
    assert.ok(dump.includes(acme.key.id), 'the dump has the rows');
  });
});
