import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createRequests } from './requests.ts';
import { createRequestRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const requests = createRequests({ database, clock: createManualClock() });

async function createCaller(changes: Partial<Principal> = {}) {
  const tenantId = await insertTenant(database);
  const projectId = `prj_${tenantId}`;
  await sql`insert into projects (tenant_id, id, name) values (${tenantId}, ${projectId}, 'one')`.execute(
    database,
  );
  const principal: Principal = {
    tenantId,
    tenantKind: 'customer',
    role: 'developer',
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
  app.route('/', createRequestRoutes(requests));
  const call = async (method: string, of: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(`/cloud/v1/projects/${of}/cache`, {
      method,
      ...(body === undefined ? {} : json),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? null : JSON.parse(text) };
  };
  return { tenantId, projectId, call };
}

const feedOf = async (projectId: string) =>
  (await requests.listCachesForFeed()).filter((cache) => cache.projectId === projectId);

describe("a project's cache", () => {
  it('is off until somebody turns it on, and then in the feed', async () => {
    const { projectId, tenantId, call } = await createCaller();

    const before = await call('GET', projectId);
    const feedBefore = await feedOf(projectId);
    const changed = await call('PATCH', projectId, { isEnabled: true, ttlSeconds: 60 });

    assert.deepEqual([before.json.isEnabled, before.json.updatedAt], [false, null]);
    assert.deepEqual(feedBefore, []);
    assert.deepEqual([changed.json.isEnabled, changed.json.ttlSeconds], [true, 60]);
    const [cache] = await feedOf(projectId);
    assert.deepEqual([cache?.tenantId, cache?.ttlMs, cache?.generation], [tenantId, 60_000, 1]);
    await call('PATCH', projectId, { isEnabled: false });
    assert.deepEqual(await feedOf(projectId), []);
  });

  it('keeps what was not changed, and has bounds', async () => {
    const { projectId, call } = await createCaller();
    await call('PATCH', projectId, { isEnabled: true, entriesMax: 7 });

    const changed = await call('PATCH', projectId, { cachesSampled: true });

    assert.deepEqual([changed.json.entriesMax, changed.json.isEnabled], [7, true]);
    for (const odd of [
      { ttlSeconds: 0 },
      { ttlSeconds: 1e9 },
      { bytesMax: 1e12 },
      { entriesMax: -1 },
      { enabled: true },
    ]) {
      assert.equal((await call('PATCH', projectId, odd)).status, 400, JSON.stringify(odd));
    }
  });

  it('is emptied by another generation, and the feed moves', async () => {
    const { projectId, call } = await createCaller();
    await call('PATCH', projectId, { isEnabled: true });
    const version = sql<{ version: number }>`select version from feed_version`;
    const before = (await version.execute(database)).rows[0]?.version ?? 0;

    assert.equal((await call('DELETE', projectId)).status, 204);

    assert.equal((await feedOf(projectId))[0]?.generation, 2);
    assert.ok(((await version.execute(database)).rows[0]?.version ?? 0) > before);
  });

  it("is its own tenant's, and a key's own project's", async () => {
    const one = await createCaller();
    const two = await createCaller();
    const key = await createCaller({ projectId: 'prj_else', keyId: 'key_1' });

    for (const { call } of [two, key]) {
      assert.equal((await call('GET', one.projectId)).status, 404);
      assert.equal((await call('PATCH', one.projectId, { isEnabled: true })).status, 404);
      assert.equal((await call('DELETE', one.projectId)).status, 404);
    }
    assert.equal((await key.call('GET', key.projectId)).status, 404);
    assert.deepEqual(await feedOf(one.projectId), []);
  });

  it('is changed by who builds, and read by all', async () => {
    const viewer = await createCaller({ role: 'viewer' });

    assert.equal((await viewer.call('GET', viewer.projectId)).status, 200);
    assert.equal((await viewer.call('PATCH', viewer.projectId, { isEnabled: true })).status, 403);
    assert.equal((await viewer.call('DELETE', viewer.projectId)).status, 403);
  });
});
