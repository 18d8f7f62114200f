import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readSettings } from '#platform/config.ts';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { createTestDatabase } from '../../test/database.ts';
import { writeTinyGguf } from '../../test/tiny-gguf.ts';
import { createControlApp } from './control-app.ts';
import { type ControlParts, buildControl } from './control-parts.ts';
import { importBundledModels } from './first-start.ts';

const MODEL = 'flywheel/tiny';
const JOIN_TOKEN = 'join-token-of-this-test';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-first-'));
after(() => rm(folder, { recursive: true, force: true }));
const handle = await createTestDatabase();

const home = join(folder, 'home');
const models = join(folder, 'models');
await mkdir(join(models, 'tiny'), { recursive: true });
await mkdir(join(models, 'broken'), { recursive: true });
await writeTinyGguf(join(models, 'tiny', 'tiny.gguf'));
await writeFile(join(models, 'broken', 'broken.gguf'), 'GGUF and then nothing');
const price = { inputPerMillion: '0.10', outputPerMillion: '0.40', currency: 'CNY' };
await writeFile(
  join(models, 'catalogue.json'),
  JSON.stringify([
    { name: 'flywheel/broken', folder: 'broken' },
    { name: MODEL, folder: 'tiny', license: 'apache-2.0', contextLength: 2048, price },
  ]),
);

const parts = buildControl({
  options: {
    settings: readSettings({ FLYWHEEL_HOME: home }),
    databaseUrl: handle.url,
    controlUrl: null,
    joinToken: JOIN_TOKEN,
    sessionSecret: 'session-secret-of-this-test-session-secret',
    publicUrl: 'http://localhost:8080',
    host: '127.0.0.1',
    port: 0,
    modelsFolder: models,
  },
  handle,
  clock: systemClock,
  log: silentLog,
});
const { credentials } = await parts.tenancy.ensureFirstRun({
  homeFolder: home,
  url: 'http://localhost:8080',
});
const apiKey = credentials?.apiKey ?? '';
const app = createControlApp(parts);

async function get(path: string, token = apiKey) {
  const response = await app.request(path, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null };
}

async function firstStart(change: Partial<ControlParts> = {}): Promise<string[]> {
  const notes: string[] = [];
  await importBundledModels(
    { ...parts, ...change, note: (text) => notes.push(text), signal: new AbortController().signal },
    { folder: models, home, apiKey },
  );
  return notes;
}

describe('a first start', () => {
  it('publishes, prices and deploys the models that come along, and gives credit', async () => {
    const notes = await firstStart();

    assert.deepEqual(notes, ['importing flywheel/broken', `importing ${MODEL}`]);
    const list = await get('/cloud/v1/models');
    assert.deepEqual(
      list.json.data.map(({ name, visibility }: Record<string, string>) => [name, visibility]),
      [[MODEL, 'public']],
    );
    assert.equal((await get('/cloud/v1/prices')).json.data[0].outputPerMillion, '0.4');
    assert.equal((await get('/cloud/v1/deployments')).json.data[0].modelName, MODEL);
    assert.equal((await get('/cloud/v1/balance')).json.balance, '1000');
  });

  it('wants a replica of a model that is always there, and none of one that may sleep', async () => {
    const sleepy = { name: 'flywheel/sleepy', folder: 'sleepy', replicasMin: 0 };
    const other = join(folder, 'other');
    await mkdir(join(other, 'sleepy'), { recursive: true });
    await mkdir(join(other, 'home'));
    await writeTinyGguf(join(other, 'sleepy', 'tiny.gguf'), { seed: 2 });
    await writeFile(join(other, 'catalogue.json'), JSON.stringify([sleepy]));

    await importBundledModels(
      { ...parts, note: () => {}, signal: new AbortController().signal },
      { folder: other, home: join(other, 'home'), apiKey },
    );

    const { data } = (await get('/cloud/v1/deployments')).json;
    const wanted = data.map((each: Record<string, unknown>) => [
      each['modelName'],
      each['replicasMin'],
      each['replicasWanted'],
    ]);
    assert.deepEqual(wanted.toSorted(), [
      ['flywheel/sleepy', 0, 0],
      [MODEL, 1, 1],
    ]);
    const { id } = data.find((each: Record<string, unknown>) => each['replicasMin'] === 0);
    await app.request(`/cloud/v1/deployments/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${apiKey}` },
    });
  });

  it('can be repeated, and tries again what did not work', async () => {
    const notes = await firstStart();

    assert.deepEqual(notes, ['importing flywheel/broken']);
    assert.equal((await get('/cloud/v1/balance')).json.balance, '1000');
    assert.equal((await get('/cloud/v1/prices')).json.data.length, 1);
    assert.equal((await get('/cloud/v1/deployments')).json.data.length, 1);
  });

  it('does not make again what the operator removed', async () => {
    const { id } = (await get('/cloud/v1/deployments')).json.data[0];
    await app.request(`/cloud/v1/deployments/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${apiKey}` },
    });

    await firstStart();

    assert.deepEqual((await get('/cloud/v1/deployments')).json.data, []);
  });
});

describe('control', () => {
  it('lets only the join token through to what gateways and nodes call', async () => {
    assert.equal((await get('/internal/v1/blobs/none', 'wrong')).status, 401);
    assert.equal((await get('/internal/v1/blobs/none', apiKey)).status, 401);
    assert.equal((await get('/internal/v1/blobs/none', JOIN_TOKEN)).status, 404);
  });

  it('lets nobody without a key or a session into the API', async () => {
    const paths = Object.keys((await get('/cloud/openapi.json')).json.paths).filter((path) =>
      path.startsWith('/cloud/v1/'),
    );

    assert.ok(paths.length > 15);
    for (const path of paths) {
      const response = await app.request(path.replaceAll(/\{.*?\}/g, 'none'));
      assert.equal(response.status, 401, path);
    }
  });

  it('says how it is', async () => {
    assert.equal((await get('/healthz')).status, 200);
    assert.equal((await get('/readyz')).status, 200);
    assert.match((await get('/metrics')).text, /flywheel_nodes_online\{process="control"\} 0/);
    const status = await get('/cloud/v1/status');
    assert.equal(status.json.database.kind, 'embedded');
  });
});
