import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Role } from './api.ts';
import { roleSchema } from './api.ts';
import { mayGrant } from './principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type Caller, callerWithKey, createCloud, signIn } from './tenancy-fixture.ts';

const { app, owner } = await createCloud(await createTestDatabase());
const root = await signIn(app, owner);
const MEMBERS = '/cloud/v1/members';

let number = 0;

async function addMember(role: Role, call: Caller = root) {
  number += 1;
  const email = `member-${number}@example.com`;
  const answer = await call('POST', MEMBERS, { name: `Member ${number}`, email, role });
  return { ...answer, email, id: String(answer.body.id) };
}

async function browserOf(role: Role) {
  const added = await addMember(role);
  assert.equal(added.status, 201);
  return Object.assign(await signIn(app, added.body), { id: added.id });
}

describe('members', () => {
  it('sign in with the password that is shown once', async () => {
    const added = await addMember('developer');

    const me = await (await signIn(app, added.body))('GET', '/cloud/v1/me');
    const listed = await root('GET', MEMBERS);

    assert.equal(me.body.role, 'developer');
    assert.ok(!JSON.stringify(listed.body).includes(added.body.password));
    assert.ok(listed.body.data.some(({ id }: { id: string }) => id === added.id));
  });

  it('come in pages, newest first', async () => {
    await addMember('viewer');
    await addMember('viewer');

    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await root('GET', `${MEMBERS}?limit=2${query}`);
      ids.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }

    const all = await root('GET', `${MEMBERS}?limit=200`);
    assert.deepEqual(
      ids,
      all.body.data.map(({ id }: { id: string }) => id),
    );
    assert.deepEqual(ids, ids.toSorted().toReversed());
  });

  it('get and lose only roles that the one who does it has', async () => {
    const target = await addMember('viewer');
    for (const role of ['admin', 'owner'] as const) {
      const browser = await browserOf(role);
      for (const wanted of roleSchema.options) {
        const added = await addMember(wanted, browser);
        const changed = await browser('PATCH', `${MEMBERS}/${target.id}`, { role: wanted });

        const expected = mayGrant(role, wanted) ? [201, 200] : [403, 403];
        assert.deepEqual([added.status, changed.status], expected, `${role} gives ${wanted}`);
        await root('PATCH', `${MEMBERS}/${target.id}`, { role: 'viewer' });
      }
    }
  });

  it('are not managed by roles without that right', async () => {
    for (const role of ['developer', 'finance', 'viewer'] as const) {
      const browser = await browserOf(role);

      const added = await addMember('viewer', browser);
      const raised = await browser('PATCH', `${MEMBERS}/${browser.id}`, { role: 'owner' });
      const removed = await browser('DELETE', `${MEMBERS}/${browser.id}`);

      assert.deepEqual([added.status, raised.status, removed.status], [403, 403, 403]);
    }
  });

  it('an admin cannot touch an owner', async () => {
    const admin = await browserOf('admin');
    const victim = await addMember('owner');

    const removed = await admin('DELETE', `${MEMBERS}/${victim.id}`);
    const lowered = await admin('PATCH', `${MEMBERS}/${victim.id}`, { role: 'viewer' });

    assert.deepEqual([removed.status, lowered.status], [403, 403]);
    await root('DELETE', `${MEMBERS}/${victim.id}`);
  });

  it('are out at once when they are removed', async () => {
    const browser = await browserOf('developer');
    const playground = await browser('POST', '/cloud/v1/playground-key');

    const removed = await root('DELETE', `${MEMBERS}/${browser.id}`);

    assert.equal(removed.status, 204);
    assert.equal((await browser('GET', '/cloud/v1/me')).status, 401);
    const key = callerWithKey(app, playground.body.secret);
    assert.equal((await key('GET', '/cloud/v1/me')).status, 401);
  });

  it('can be added again after they left', async () => {
    const added = await addMember('developer');
    await root('DELETE', `${MEMBERS}/${added.id}`);

    const again = await root('POST', MEMBERS, { name: 'Back', email: added.email });

    assert.equal(again.status, 201);
    assert.ok(again.body.password !== null);
  });

  it('are added once', async () => {
    const added = await addMember('viewer');
    const browser = await signIn(app, added.body);
    const { accountCode } = (await browser('GET', '/cloud/v1/me')).body.member;

    const again = await root('POST', MEMBERS, { name: 'x', email: added.email, accountCode });

    assert.deepEqual([again.status, again.body.error.code], [409, 'member.exists']);
  });
});

describe('the last owner', () => {
  it('can neither leave nor step down, also when two try at once', async () => {
    const second = await addMember('owner');
    const owners = async (): Promise<{ id: string }[]> => {
      const { body } = await root('GET', `${MEMBERS}?limit=200`);
      return body.data.filter(({ role }: { role: Role }) => role === 'owner');
    };
    for (const { id } of await owners()) {
      const isKept = id === second.id || id === (await root('GET', '/cloud/v1/me')).body.member.id;
      if (!isKept) await root('DELETE', `${MEMBERS}/${id}`);
    }
    const key = callerWithKey(app, owner.apiKey);

    const answers = await Promise.all(
      (await owners()).map(({ id }) => key('PATCH', `${MEMBERS}/${id}`, { role: 'viewer' })),
    );

    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    assert.deepEqual(statuses, [200, 409]);
    const left = await key('GET', `${MEMBERS}?limit=200`);
    const last = left.body.data.find(({ role }: { role: Role }) => role === 'owner');
    const removed = await key('DELETE', `${MEMBERS}/${last.id}`);
    assert.deepEqual([removed.status, removed.body.error.code], [409, 'member.last_owner']);
  });
});
