import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createMasterKeys } from '#vault/master-keys.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { insertTenant } from '../../../test/money.ts';
import { type NewContent, createContents } from './contents.ts';
import { createContentRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const folder = await mkdtemp(join(tmpdir(), 'flywheel-contents-'));
after(() => rm(folder, { recursive: true, force: true }));
const clock = createManualClock();
const masterKeys = createMasterKeys({ file: join(folder, 'keys.json'), configured: null });
const contents = createContents({ database, masterKeys, clock });

const part = (text: string) => ({ text, bytes: text.length, isCut: false, isText: true });

async function createCaller(changes: Partial<Principal> = {}) {
  const tenantId = changes.tenantId ?? (await insertTenant(database));
  const projectId = createId('prj');
  await sql`insert into projects (tenant_id, id, name)
    values (${tenantId}, ${projectId}, ${projectId})`.execute(database);
  const principal: Principal = {
    tenantId,
    tenantKind: 'customer',
    role: 'owner',
    userId: 'usr',
    keyId: null,
    projectId: null,
    ...changes,
  };
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use('/cloud/v1/*', async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createContentRoutes(contents));
  const call = async (method: string, path: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(`/cloud/v1${path}`, {
      method,
      ...(body === undefined ? {} : json),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? null : JSON.parse(text) };
  };
  const turnOn = () => call('PATCH', `/projects/${projectId}/contents`, { isKept: true });
  const newContent = (text = 'a secret prompt'): NewContent => ({
    tenantId,
    projectId,
    requestId: createId('req'),
    request: part(text),
    answer: part('an answer'),
  });
  return { tenantId, projectId, call, turnOn, newContent };
}

describe('contents of requests', () => {
  it('are kept of no project that did not ask for it', async () => {
    const one = await createCaller();
    const content = one.newContent();
    await contents.keep([content]);

    const settings = await one.call('GET', `/projects/${one.projectId}/contents`);
    assert.deepEqual([settings.json.isKept, settings.json.updatedAt], [false, null]);
    assert.equal((await one.call('GET', `/requests/${content.requestId}/content`)).status, 404);
    const feed = await contents.listForFeed();
    assert.ok(feed.every(({ projectId }) => projectId !== one.projectId));
  });

  it('are shown as they were once it is on, and nothing new once it is off again', async () => {
    const one = await createCaller();
    await one.turnOn();
    const [before, later] = [one.newContent(), one.newContent()];
    await contents.keep([before]);
    await one.call('PATCH', `/projects/${one.projectId}/contents`, { isKept: false });
    await contents.keep([later]);

    const { json } = await one.call('GET', `/requests/${before.requestId}/content`);
    assert.deepEqual([json.request, json.answer], [before.request, before.answer]);
    assert.equal((await one.call('GET', `/requests/${later.requestId}/content`)).status, 404);
  });

  it('lie sealed in the database, and do not open under another name', async () => {
    const [one, two] = [await createCaller(), await createCaller()];
    await one.turnOn();
    const content = one.newContent('find-me-in-the-table');
    await contents.keep([content]);
    const { rows } = await sql<{ row: string }>`select encode(ciphertext, 'escape') ||
      encode(wrapped_key, 'escape') as row from request_contents
      where request_id = ${content.requestId}`.execute(database);
    assert.ok(!rows[0]?.row.includes('find-me'));

    await sql`update request_contents set tenant_id = ${two.tenantId}, project_id = ${two.projectId}
      where request_id = ${content.requestId}`.execute(database);

    const moved = await two.call('GET', `/requests/${content.requestId}/content`);
    await sql`delete from request_contents where request_id = ${content.requestId}`.execute(
      database,
    );
    assert.deepEqual(
      [moved.status >= 500, JSON.stringify(moved.json).includes('find-me')],
      [true, false],
    );
  });

  it("are their own tenant's, and a key's own project's", async () => {
    const one = await createCaller();
    await one.turnOn();
    const content = one.newContent();
    await contents.keep([content]);
    const others = [
      await createCaller(),
      await createCaller({ tenantKind: 'operator' }),
      await createCaller({ tenantId: one.tenantId, projectId: 'prj_other', keyId: 'key' }),
    ];

    for (const { call } of others) {
      assert.equal((await call('GET', `/requests/${content.requestId}/content`)).status, 404);
      assert.equal((await call('DELETE', `/requests/${content.requestId}/content`)).status, 404);
      const path = `/projects/${one.projectId}/contents`;
      assert.equal((await call('GET', path)).status, 404);
      assert.equal((await call('PATCH', path, { isKept: false })).status, 404);
      assert.equal((await call('DELETE', path)).status, 404);
    }
    assert.equal((await one.call('GET', `/requests/${content.requestId}/content`)).status, 200);
  });

  it('are turned on and deleted by owners and admins, read by developers too, and by nobody else', async () => {
    const one = await createCaller();
    await one.turnOn();
    const content = one.newContent();
    await contents.keep([content]);
    const { tenantId, projectId } = one;
    const statuses: Record<string, readonly number[]> = {};
    for (const role of ['viewer', 'finance', 'developer', 'admin'] as const) {
      const { call } = await createCaller({ tenantId, role });
      statuses[role] = [
        (await call('GET', `/requests/${content.requestId}/content`)).status,
        (await call('PATCH', `/projects/${projectId}/contents`, { keptDays: 7 })).status,
        (await call('DELETE', `/projects/${projectId}/contents`)).status,
      ];
    }

    assert.deepEqual(statuses, {
      viewer: [403, 403, 403],
      finance: [403, 403, 403],
      developer: [200, 403, 403],
      admin: [200, 200, 204],
    });
    assert.equal((await one.call('GET', `/requests/${content.requestId}/content`)).status, 404);
  });

  it('are deleted one by one, all at once, and by themselves when their days are over', async () => {
    const one = await createCaller();
    await one.call('PATCH', `/projects/${one.projectId}/contents`, { isKept: true, keptDays: 2 });
    const [first, second, third] = [one.newContent(), one.newContent(), one.newContent()];
    await contents.keep([first, second]);

    assert.equal((await one.call('DELETE', `/requests/${first.requestId}/content`)).status, 204);
    assert.equal((await one.call('GET', `/requests/${first.requestId}/content`)).status, 404);
    assert.equal((await one.call('DELETE', `/projects/${one.projectId}/contents`)).status, 204);
    assert.equal((await one.call('GET', `/requests/${second.requestId}/content`)).status, 404);
    await contents.keep([third]);
    clock.advance(2 * 24 * 3_600_000);
    assert.equal((await one.call('GET', `/requests/${third.requestId}/content`)).status, 404);
    await contents.sweep();
    const { rows } = await sql`select 1 from request_contents
      where request_id = ${third.requestId}`.execute(database);
    assert.equal(rows.length, 0);
  });

  it('are sealed anew when the master key changes', async () => {
    const one = await createCaller();
    await one.turnOn();
    const content = one.newContent();
    await contents.keep([content]);
    await masterKeys.renew();

    assert.ok((await contents.rewrap()) > 0);
    assert.equal(await contents.rewrap(), 0);
    await masterKeys.forgetOlder();

    const { json } = await one.call('GET', `/requests/${content.requestId}/content`);
    assert.equal(json.request.text, 'a secret prompt');
  });

  it('have bounds', async () => {
    const one = await createCaller();
    for (const odd of [
      { bytesMax: 1 },
      { bytesMax: 1e9 },
      { keptDays: 0 },
      { keptDays: 91 },
      { on: 1 },
    ]) {
      const { status } = await one.call('PATCH', `/projects/${one.projectId}/contents`, odd);
      assert.equal(status, 400, JSON.stringify(odd));
    }
  });
});
