import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { PUBLIC_URL, callerWith, createCloud, signIn } from './tenancy-fixture.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, owner, clock } = cloud;
const page = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' };
const stranger = callerWith(app, page);
const PATH = '/cloud/auth/sign-in/email';

describe('sign-in', () => {
  it('gives a session that knows the member, the tenant and the projects', async () => {
    const browser = await signIn(app, owner);

    const me = await browser('GET', '/cloud/v1/me');

    assert.equal(me.status, 200);
    assert.equal(me.body.member.email, owner.email);
    assert.match(me.body.member.id, /^mem_/);
    assert.deepEqual(me.body.tenants, [{ id: me.body.tenant.id, name: 'Operator', role: 'owner' }]);
  });

  it('accepts the e-mail in any case', async () => {
    const answer = await stranger('POST', PATH, { ...owner, email: owner.email.toUpperCase() });

    assert.equal(answer.status, 200);
  });

  it('refuses a wrong password and an unknown e-mail in the same words', async () => {
    const wrong = await stranger('POST', PATH, { ...owner, password: 'not the password' });
    const unknown = await stranger('POST', PATH, { ...owner, email: 'nobody@example.com' });

    assert.equal(wrong.status, 401);
    assert.equal(wrong.body.error.code, 'auth.credentials_wrong');
    assert.equal(wrong.body.error.type, 'authentication_error');
    assert.match(wrong.body.error.requestId, /^req_/);
    assert.equal(unknown.status, 401);
    assert.equal(unknown.body.error.message, wrong.body.error.message);
  });

  it('refuses what is not JSON', async () => {
    for (const body of ['x', [], { email: 1, password: 2 }, null]) {
      const answer = await stranger('POST', PATH, body);

      assert.deepEqual([answer.status, answer.body.error.code], [400, 'request.invalid']);
    }
  });

  it('makes the guesser wait after ten wrong passwords, and nobody else', async () => {
    const from = (address: string) => callerWith(app, { ...page, 'x-forwarded-for': address });
    const guess = { email: owner.email, password: 'guess' };
    for (let attempt = 0; attempt < 10; attempt += 1) await from('192.0.2.1')('POST', PATH, guess);

    const eleventh = await from('192.0.2.1')('POST', PATH, owner);
    const elsewhere = await from('192.0.2.2')('POST', PATH, owner);
    clock.advance(15 * 60_000);
    const later = await from('192.0.2.1')('POST', PATH, owner);

    assert.deepEqual([eleventh.status, eleventh.body.error.code], [429, 'auth.too_many_attempts']);
    assert.equal(eleventh.headers.get('retry-after'), '900');
    assert.equal(elsewhere.status, 200);
    assert.equal(later.status, 200);
  });

  it('does not let the public make accounts', async () => {
    const answer = await stranger('POST', '/cloud/auth/sign-up/email', {
      email: 'me@example.com',
      password: 'a long password',
      name: 'Me',
    });

    assert.deepEqual([answer.status, answer.body.error.code], [404, 'route.unknown']);
  });

  it('ends with the session', async () => {
    const browser = await signIn(app, owner);

    const out = await browser('POST', '/cloud/auth/sign-out', {});
    const me = await browser('GET', '/cloud/v1/me');

    assert.equal(out.status, 200);
    assert.deepEqual([me.status, me.body.error.code], [401, 'auth.missing']);
  });

  it('does not believe a cookie that was tampered with', async () => {
    const { cookie } = await signIn(app, owner);

    const forged = callerWith(app, { cookie: cookie.replace(/=(.{5})/, '=AAAAA') });

    assert.equal((await forged('GET', '/cloud/v1/me')).status, 401);
  });

  it('sets a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await stranger('POST', PATH, owner);

    const [cookie = ''] = answer.headers.getSetCookie();
    assert.match(cookie, /^flywheel\.session_token=/);
    assert.match(cookie, /HttpOnly/i);
    assert.match(cookie, /SameSite=Lax/i);
  });
});

describe('a member', () => {
  it('changes the language, and only to one that exists', async () => {
    const browser = await signIn(app, owner);

    const right = await browser('POST', '/cloud/auth/update-user', { locale: 'zh-CN' });
    const wrong = await browser('POST', '/cloud/auth/update-user', { locale: 'xx' });

    assert.equal(right.status, 200);
    assert.equal(wrong.status, 400);
    assert.equal((await browser('GET', '/cloud/v1/me')).body.member.locale, 'zh-CN');
  });

  it('changes the password with the old one', async () => {
    const secret = { email: 'changer@example.com', name: 'Changer', role: 'viewer' };
    const root = await signIn(app, owner);
    const { body } = await root('POST', '/cloud/v1/members', secret);
    const browser = await signIn(app, body);
    const path = '/cloud/auth/change-password';

    const wrong = await browser('POST', path, {
      currentPassword: 'something else',
      newPassword: 'correct horse battery',
    });
    const short = await browser('POST', path, {
      currentPassword: body.password,
      newPassword: 'short',
    });
    const right = await browser('POST', path, {
      currentPassword: body.password,
      newPassword: 'correct horse battery',
    });

    assert.equal(wrong.body.error.code, 'auth.credentials_wrong');
    assert.deepEqual([short.status, short.body.error.code], [400, 'auth.password_too_short']);
    assert.equal(right.status, 200);
    await signIn(app, { ...body, password: 'correct horse battery' });
    await assert.rejects(signIn(app, body));
  });
});

describe('a write that rides on a cookie', () => {
  const write = async (headers: Record<string, string>) => {
    const { cookie } = await signIn(app, owner);
    return callerWith(app, { cookie, ...headers })('POST', '/cloud/v1/projects', {
      name: `p${Math.random()}`,
    });
  };

  it('is refused from another site, from another origin, and without any word on it', async () => {
    const forged = [
      { 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      {},
    ];
    for (const headers of forged) {
      const answer = await write(headers);

      assert.deepEqual([answer.status, answer.body.error.code], [403, 'auth.cross_site']);
    }
  });

  it('is accepted from our own page, also under another name of this machine', async () => {
    const own = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: PUBLIC_URL },
      { origin: 'http://192.168.1.5:8080', 'x-forwarded-host': '192.168.1.5:8080' },
    ];
    for (const headers of own) assert.equal((await write(headers)).status, 201);
  });

  it('may sign in from another name of this machine and then sign out', async () => {
    const headers = { origin: 'http://flywheel.lan:8080', 'x-forwarded-host': 'flywheel.lan:8080' };
    const browser = await signIn(app, {
      ...owner,
      headers: { ...headers, 'sec-fetch-site': 'same-origin' },
    });

    assert.equal((await browser('POST', '/cloud/auth/sign-out', {})).status, 200);
  });

  it('cannot sign a visitor of another page in or out', async () => {
    const { cookie } = await signIn(app, owner);
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

    const out = await callerWith(app, { ...evil, cookie })('POST', '/cloud/auth/sign-out', {});
    const inwards = await callerWith(app, evil)('POST', PATH, owner);

    assert.deepEqual([out.status, inwards.status], [403, 403]);
  });
});

describe('sessions in the database', () => {
  it('do not pile up: those that are over go, and of the rest the newest fifty stay', async () => {
    const { database } = cloud.database;
    const person = sql<string>`(select id from auth_users where email = ${owner.email})`;
    await sql`
      insert into auth_sessions (id, user_id, token, expires_at, created_at)
      select 'old' || n, ${person}, 'old' || n,
        now() + case when n < 10 then interval '-1 day' else interval '1 day' end,
        now() - interval '2 days'
      from generate_series(1, 100) n`.execute(database);

    const browser = await signIn(app, owner);

    const { rows } = await sql<{ count: number }>`
      select count(*) as count from auth_sessions where user_id = ${person}`.execute(database);
    assert.equal(rows[0]?.count, 50);
    assert.equal((await browser('GET', '/cloud/v1/me')).status, 200);
  });

  it('are of no use without the secret that signs their cookies', async () => {
    await signIn(app, owner);
    const { rows } = await sql<{ token: string }>`select token from auth_sessions`.execute(
      cloud.database.database,
    );

    for (const { token } of rows) {
      const thief = callerWith(app, { cookie: `flywheel.session_token=${token}` });
      assert.equal((await thief('GET', '/cloud/v1/me')).status, 401);
    }
  });
});
