/** What a tenant may keep, held against every way that bytes come in. @also postgresql */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import {
  ACME,
  BOLT,
  OPERATOR,
  callAs,
  createHubWorld,
  importModel,
  writeFolder,
} from '../hub-fixture.ts';
import { createFace, large, put } from '../huggingface/writing-fixture.ts';
import { createStorageRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub } = world;
const { storage } = hub;
const face = createFace(world);

const make = async (name: string, as = ACME) => {
  const json = { name, organization: as.replace('ten_', ''), visibility: 'private' };
  assert.equal((await face.ask('/api/repos/create', { as, json })).status, 200);
};

/** Room for so many bytes beyond what is there. */
async function leave(bytes: number, tenantId = ACME): Promise<void> {
  const use = await storage.use(tenantId);
  await storage.setQuota(tenantId, use.bytes + use.waitingBytes + bytes);
}

const announce = (name: string, size: number) =>
  face.ask(`/acme/${name}.git/info/lfs/objects/batch`, {
    json: { operation: 'upload', objects: [{ oid: randomBytes(32).toString('hex'), size }] },
  });

describe('what a tenant keeps', () => {
  it('is each different file once, with what is uploaded and in no repository yet', async () => {
    await make('first');
    const bytes = randomBytes(5_000);
    const before = await storage.use(ACME);
    const oid = await face.upload('acme/first', bytes);
    assert.equal((await storage.use(ACME)).waitingBytes, before.waitingBytes + 5_000);
    await face.commit('acme/first', [large('a.bin', oid, 5_000), large('b.bin', oid, 5_000)]);
    await make('second');
    await face.commit('acme/second', [large('c.bin', oid, 5_000)]);
    const after = await storage.use(ACME);
    assert.equal(after.waitingBytes, before.waitingBytes);
    const grown = after.bytes - before.bytes;
    assert.ok(grown >= 5_000 && grown < 5_500, String(grown));
    const names = after.repositories.map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ['acme/first', 'acme/second']);
  });

  it('shrinks when a repository is deleted', async () => {
    await make('short');
    const oid = await face.upload('acme/short', randomBytes(7_000));
    await face.commit('acme/short', [large('x.bin', oid, 7_000)]);
    const json = { name: 'short', organization: 'acme', type: 'model' };
    await face.ask('/api/repos/delete', { method: 'DELETE', json });
    const names = (await storage.use(ACME)).repositories.map(({ name }) => name);
    assert.ok(!names.includes('acme/short'));
  });
});

describe('a quota', () => {
  it('refuses before a byte is sent, and lets through what fits', async () => {
    await leave(100);
    const refused = await announce('first', 101);
    assert.equal(refused.status, 507);
    assert.match(String(refused.body['error']), /101 bytes more/);
    assert.equal((await announce('first', 100)).status, 200);
    await storage.setQuota(ACME, null);
    assert.equal((await announce('first', 1_000_000)).status, 200);
  });

  it('holds when many commits race for the last bytes', async () => {
    await make('race');
    await storage.setQuota(ACME, null);
    const files = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const bytes = randomBytes(10_000);
        return { index, oid: await face.upload('acme/race', bytes) };
      }),
    );
    const { bytes } = await storage.use(ACME);
    // Two of them fit, with the texts that each commit brings.
    await storage.setQuota(ACME, bytes + 25_000);
    const answers = await Promise.all(
      files.map(({ index, oid }) =>
        face.commit('acme/race', [large(`${index}.bin`, oid, 10_000)], { revision: 'main' }),
      ),
    );
    const done = answers.filter(({ status }) => status === 200);
    assert.equal(done.length, 2, answers.map(({ status }) => status).join());
    const use = await storage.use(ACME);
    assert.ok(use.bytes <= use.bytesMax, `${use.bytes} of ${use.bytesMax}`);
    const said = answers.find(({ status }) => status === 507);
    assert.match(String(said?.body['error']), /may keep/);
    await storage.setQuota(ACME, null);
  });

  it('knows of room that was freed, though it only adds up what comes', async () => {
    await make('freed');
    const oid = await face.upload('acme/freed', randomBytes(50_000));
    await face.commit('acme/freed', [large('x.bin', oid, 50_000)]);
    const json = { name: 'freed', organization: 'acme', type: 'model' };
    await face.ask('/api/repos/delete', { method: 'DELETE', json });
    await make('again');
    await leave(41_000);
    const small = await face.upload('acme/again', randomBytes(40_000));
    const done = await face.commit('acme/again', [large('y.bin', small, 40_000)]);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    await storage.setQuota(ACME, null);
  });

  it('counts what comes along in a commit, and imports', async () => {
    await make('texts');
    const { bytes } = await storage.use(ACME);
    await storage.setQuota(ACME, bytes + 50);
    const text = await face.commit('acme/texts', [put('long.txt', 'x'.repeat(100))]);
    assert.equal(text.status, 507);
    const small = await face.commit('acme/texts', [put('short.txt', 'y')]);
    assert.equal(small.status, 200);
    const source = await writeFolder(world, { 'm.txt': 'z'.repeat(1_000), 'README.md': 'Hi' });
    await storage.setQuota(OPERATOR, 10);
    const ended = await importModel(hub, {
      modelName: 'operator/big',
      source,
      visibility: 'public',
    });
    assert.equal(ended.state, 'failed');
    await storage.setQuota(OPERATOR, null);
  });
});

describe('the routes', () => {
  it('show each tenant its own, and let the operator alone set and see others', async () => {
    const as = (tenantId: string, role?: 'viewer') =>
      callAs(hub, tenantId, role ?? 'owner', (of) => createStorageRoutes(of));
    const own = await as(BOLT, 'viewer')('GET', '/cloud/v1/hub/storage');
    assert.equal(own.status, 200);
    assert.deepEqual([own.body['tenantId'], own.body['repositories']], [BOLT, []]);
    const path = `/cloud/v1/hub/storage/${ACME}`;
    for (const [method, body] of [['GET'], ['PUT', { bytesMax: 1 }]] as const) {
      assert.equal((await as(BOLT)(method, path, body)).status, 403);
      assert.equal((await as(ACME)(method, path, body)).status, 403);
    }
    const set = await as(OPERATOR)('PUT', path, { bytesMax: 123 });
    assert.deepEqual([set.status, set.body['bytesMax'], set.body['isDefault']], [200, 123, false]);
    const back = await as(OPERATOR)('PUT', path, { bytesMax: null });
    assert.equal(back.body['isDefault'], true);
    const nobody = await as(OPERATOR)('PUT', '/cloud/v1/hub/storage/ten_no', { bytesMax: 1 });
    assert.equal(nobody.status, 404);
    assert.equal((await as(OPERATOR)('PUT', path, { bytesMax: -1 })).status, 400);
  });
});
