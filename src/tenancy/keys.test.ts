import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { type Role, roleSchema } from './api.ts';
import { mayGrant } from './principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type Caller, callerWith, callerWithKey, createCloud, signIn } from './tenancy-fixture.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, owner, clock, tenancy } = cloud;
const root = await signIn(app, owner);
const KEYS = '/cloud/v1/keys';
const HOUR_MS = 3_600_000;

const inMs = (ms: number): string => new Date(clock.nowMs() + ms).toISOString();
const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

async function createKey(wish: Record<string, unknown> = {}, call: Caller = root) {
  const answer = await call('POST', KEYS, { name: 'a key', ...wish });
  return { ...answer, id: String(answer.body.id), secret: String(answer.body.secret) };
}

async function feedVersion(): Promise<number | undefined> {
  const { rows } = await sql<{ version: number }>`select version from feed_version`.execute(
    cloud.database.database,
  );
  return rows[0]?.version;
}

describe('keys', () => {
  it('are shown once and work at once, in every way a client sends them', async () => {
    const key = await createKey();

    const listed = JSON.stringify((await root('GET', KEYS)).body);
    const bearer = await callerWith(app, { authorization: `bearer ${key.secret}` })(
      'GET',
      '/cloud/v1/me',
    );
    const header = await callerWith(app, { 'x-api-key': key.secret })('GET', '/cloud/v1/me');

    assert.ok(listed.includes(key.id) && !listed.includes(key.secret));
    assert.ok(key.secret.startsWith(key.body.hint.split('…')[0]));
    assert.deepEqual([bearer.status, header.status], [200, 200]);
    assert.deepEqual([bearer.body.member, bearer.body.role], [null, 'developer']);
  });

  it('of the hub have the shape that hub clients send', async () => {
    const key = await createKey({ kind: 'hub' });

    assert.match(key.secret, /^hf_[A-Za-z0-9]{34,253}$/);
    const me = await callerWithKey(app, key.secret)('GET', '/cloud/v1/me');
    assert.equal(me.status, 200);
  });

  it('are refused when they are wrong, and a cookie beside them does not help', async () => {
    const key = await createKey();
    const wrong = ['', 'sk-fw-x', `${key.secret}x`, key.secret.replace(/.$/, '-'), 'null'];

    for (const secret of wrong) {
      const call = callerWith(app, { authorization: `Bearer ${secret}`, cookie: root.cookie });
      const answer = await call('GET', '/cloud/v1/me');

      assert.deepEqual([answer.status, answer.body.error.code], [401, 'auth.key_invalid']);
    }
    const basic = callerWith(app, { authorization: 'Basic abc', cookie: root.cookie });
    assert.equal((await basic('GET', '/cloud/v1/me')).status, 401);
  });

  it('are refused from the moment they are revoked, and the feed moves on', async () => {
    const key = await createKey();
    const version = await feedVersion();

    const revoked = await root('DELETE', `${KEYS}/${key.id}`);

    assert.equal(revoked.status, 204);
    assert.ok(Number(await feedVersion()) > Number(version));
    assert.equal((await callerWithKey(app, key.secret)('GET', '/cloud/v1/me')).status, 401);
    assert.deepEqual(await tenancy.lookupKey(hash(key.secret)), { key: null });
    assert.ok((await tenancy.listRevokedKeyIds()).includes(key.id));
    clock.advance(25 * HOUR_MS);
    assert.ok(!(await tenancy.listRevokedKeyIds()).includes(key.id));
  });

  it('keep the time of their first revocation', async () => {
    const key = await createKey();
    const at = async () => {
      const { body } = await root('GET', KEYS);
      return body.data.find(({ id }: { id: string }) => id === key.id).revokedAt;
    };

    await root('DELETE', `${KEYS}/${key.id}`);
    const first = await at();
    clock.advance(1000);
    await root('DELETE', `${KEYS}/${key.id}`);

    assert.equal(await at(), first);
  });

  it('stop when their time is over', async () => {
    const key = await createKey({ expiresAt: inMs(HOUR_MS) });
    const call = callerWithKey(app, key.secret);

    const before = await call('GET', '/cloud/v1/me');
    clock.advance(HOUR_MS);
    const after = await call('GET', '/cloud/v1/me');

    assert.deepEqual([before.status, after.status], [200, 401]);
    assert.deepEqual(await tenancy.lookupKey(hash(key.secret)), { key: null });
  });

  it('are refused when they would be over before they begin, or make no sense', async () => {
    const bad = [
      [{ expiresAt: inMs(-1) }, 'key.expiry_past'],
      [{ expiresAt: 'tomorrow' }, 'request.invalid'],
      [{ name: ' ' }, 'request.invalid'],
      [{ models: [] }, 'request.invalid'],
      [{ role: 'god' }, 'request.invalid'],
    ] as const;
    for (const [wish, code] of bad) {
      const answer = await createKey(wish);

      assert.deepEqual([answer.status, answer.body.error.code], [400, code]);
    }
  });
});

describe('nobody grants more than they have', () => {
  it('not a member', async () => {
    for (const role of roleSchema.options) {
      const email = `${role}@example.com`;
      const member = await root('POST', '/cloud/v1/members', { name: role, email, role });
      const browser = await signIn(app, member.body);
      for (const wanted of roleSchema.options) {
        const { status } = await createKey({ role: wanted }, browser);

        const isAllowed = ['developer', 'admin', 'owner'].includes(role) && mayGrant(role, wanted);
        assert.equal(status, isAllowed ? 201 : 403, `${role} gives ${wanted}`);
      }
    }
  });

  it('not a key: no higher role, no other models, no longer life, no other project', async () => {
    const project = await root('POST', '/cloud/v1/projects', { name: 'Second' });
    const expiresAt = inMs(HOUR_MS);
    const key = await createKey({ models: ['a/one', 'a/two'], expiresAt });
    const call = callerWithKey(app, key.secret);
    const inside = { models: ['a/one'], expiresAt };

    const good = await createKey(inside, call);
    const bad = await Promise.all([
      createKey({ ...inside, role: 'admin' satisfies Role }, call),
      createKey({ ...inside, models: null }, call),
      createKey({ ...inside, models: ['a/one', 'a/three'] }, call),
      createKey({ ...inside, expiresAt: null }, call),
      createKey({ ...inside, expiresAt: inMs(HOUR_MS + 1) }, call),
      createKey({ ...inside, projectId: project.body.id }, call),
    ]);

    assert.equal(good.status, 201);
    assert.deepEqual(
      bad.map(({ status }) => status),
      [403, 403, 403, 403, 403, 404],
    );
  });

  it('not through people: a key that ends or is bound to models brings nobody in', async () => {
    const bound = [{ expiresAt: inMs(HOUR_MS) }, { models: ['a/one'] }];
    for (const wish of bound) {
      const { secret } = await createKey({ role: 'owner', ...wish });
      const call = callerWithKey(app, secret);

      const person = { name: 'Sleeper', email: 'sleeper@example.com' };
      const answers = [
        await call('POST', '/cloud/v1/members', { ...person, role: 'owner' }),
        await call('POST', '/cloud/v1/tenants', { name: 'Shell', owner: person }),
      ];

      assert.deepEqual(
        answers.map(({ status }) => status),
        [403, 403],
      );
    }
  });

  it('and a developer cannot revoke the key of an owner', async () => {
    const { secret } = await createKey();
    const high = await createKey({ role: 'owner' });

    const answer = await callerWithKey(app, secret)('DELETE', `${KEYS}/${high.id}`);

    assert.equal(answer.status, 403);
  });
});

describe('a key of a project', () => {
  it('sees that project only', async () => {
    const other = await root('POST', '/cloud/v1/projects', { name: 'Third' });
    const own = await createKey({ projectId: other.body.id });
    const foreign = await createKey();
    const call = callerWithKey(app, own.secret);

    const projects = await call('GET', '/cloud/v1/projects');
    const keys = await call('GET', KEYS);
    const revoked = await call('DELETE', `${KEYS}/${foreign.id}`);

    assert.deepEqual(
      projects.body.data.map(({ id }: { id: string }) => id),
      [other.body.id],
    );
    assert.deepEqual(
      keys.body.data.map(({ id }: { id: string }) => id),
      [own.id],
    );
    assert.equal(revoked.status, 404);
  });
});

describe('the key of the playground', () => {
  it('has the role of the member for an hour and is in no list', async () => {
    const { status, body } = await root('POST', '/cloud/v1/playground-key');

    const found = await tenancy.lookupKey(hash(body.secret));
    assert.equal(status, 201);
    assert.equal(body.expiresAt, inMs(HOUR_MS));
    assert.deepEqual([found.key?.role, found.key?.expiresAtMs], ['owner', clock.nowMs() + HOUR_MS]);
    assert.ok(!JSON.stringify((await root('GET', KEYS)).body).includes(String(found.key?.id)));
    clock.advance(HOUR_MS);
    assert.deepEqual(await tenancy.lookupKey(hash(body.secret)), { key: null });
  });

  it('is for members who may call models, not for keys', async () => {
    const viewer = await root('POST', '/cloud/v1/members', {
      name: 'V',
      email: 'v@example.com',
      role: 'viewer',
    });
    const browser = await signIn(app, viewer.body);
    const key = await createKey();

    const answers = [
      await browser('POST', '/cloud/v1/playground-key'),
      await callerWithKey(app, key.secret)('POST', '/cloud/v1/playground-key'),
    ];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403],
    );
  });

  it('ends when the role of its member changes', async () => {
    const member = await root('POST', '/cloud/v1/members', { name: 'C', email: 'c@example.com' });
    const browser = await signIn(app, member.body);
    const { body } = await browser('POST', '/cloud/v1/playground-key');

    const living = await tenancy.lookupKey(hash(body.secret));

    await root('PATCH', `/cloud/v1/members/${member.body.id}`, { role: 'viewer' });

    assert.match(living.key?.id ?? '', /^pgk_/);
    assert.deepEqual(await tenancy.lookupKey(hash(body.secret)), { key: null });
  });
});

describe('the look-up for gateways', () => {
  it('tells what a gateway must know, by hash', async () => {
    const key = await createKey({ models: ['a/one'], role: 'viewer' });
    const call = callerWith(app, {});

    const answer = await call('POST', '/internal/v1/keys/lookup', {
      secretSha256: hash(key.secret),
    });
    const unknown = await call('POST', '/internal/v1/keys/lookup', { secretSha256: hash('x') });
    const wrong = await call('POST', '/internal/v1/keys/lookup', { secretSha256: key.secret });

    const { id, projectId, role, models } = key.body;
    const { tenant } = (await root('GET', '/cloud/v1/me')).body;
    assert.deepEqual(answer.body, {
      key: {
        id,
        tenantId: tenant.id,
        projectId,
        currency: 'CNY',
        models,
        expiresAtMs: null,
        role,
      },
    });
    assert.deepEqual(unknown.body, { key: null });
    assert.deepEqual([wrong.status, wrong.body.error.code], [400, 'request.invalid']);
    assert.ok(!JSON.stringify(wrong.body).includes(key.secret));
  });

  it('says whose a key was that opens nothing any more', async () => {
    const [key, brief] = [await createKey(), await createKey({ expiresAt: inMs(HOUR_MS) })];
    const call = callerWith(app, {});
    const ask = async (secret: string) =>
      (await call('POST', '/internal/v1/keys/lookup', { secretSha256: hash(secret) })).body;
    await root('DELETE', `${KEYS}/${key.id}`);
    clock.advance(2 * HOUR_MS);

    const { id, projectId } = key.body;
    const { tenant } = (await root('GET', '/cloud/v1/me')).body;
    const whose = { tenantId: tenant.id, projectId };
    assert.deepEqual(await ask(key.secret), {
      key: null,
      stopped: { stopped: 'revoked', id, ...whose },
    });
    assert.deepEqual(await ask(brief.secret), {
      key: null,
      stopped: { stopped: 'expired', id: brief.id, ...whose },
    });
  });
});
