/** What counts as a download, on a real hub that a client's requests reach. @also postgresql */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { ACME, BOLT, callAs, createHubWorld } from '../hub-fixture.ts';
import { createFace, put } from '../huggingface/writing-fixture.ts';
import { isQueryFile } from './count-rule.ts';
import { createDownloadRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub, clock } = world;
const { database } = world.database;
const face = createFace(world);
const DAY_MS = 86_400_000;

async function make(name: string, visibility = 'public'): Promise<string> {
  await face.ask('/api/repos/create', { json: { name, organization: 'acme', visibility } });
  const files = [
    put('config.json', '{"a":1}'),
    put('README.md', 'Hello.'),
    put('m.gguf', 'no weights'),
  ];
  await face.commit(`acme/${name}`, files);
  return `/acme/${name}/resolve/main`;
}

const fetchFile = async (path: string, as = BOLT, method = 'GET', headers = {}) => {
  const { response } = await face.ask(path, { as, method, headers });
  assert.ok(response.ok, path);
  await response.arrayBuffer();
};

async function figures(name: string) {
  await hub.downloads.flush();
  await hub.downloads.refresh();
  const { body } = await callAs(hub, BOLT)('GET', `/cloud/v1/models/acme/${name}`);
  const { downloads, downloadsAllTime, trending } = body;
  return { downloads, downloadsAllTime, trending: Number(trending) };
}

async function days(name: string) {
  const { rows } = await sql<{ downloads: number; downloaders: number; bytes: number }>`
    select d.downloads, d.downloaders, d.bytes from downloads_daily d
    join models m on m.id = d.model_id where m.name = ${name} order by d.day`.execute(database);
  return rows;
}

describe('a download', () => {
  it('is counted once for a HEAD, a GET and each Range of one client within minutes', async () => {
    const at = await make('once');
    await fetchFile(`${at}/config.json`, BOLT, 'HEAD');
    await fetchFile(`${at}/config.json`);
    await fetchFile(`${at}/config.json`, BOLT, 'GET', { range: 'bytes=2-' });
    assert.equal((await figures('once')).downloads, 1);
    await fetchFile(`${at}/config.json`, ACME);
    clock.advance(6 * 60_000);
    await fetchFile(`${at}/config.json`);
    assert.deepEqual(await figures('once').then(({ downloads }) => downloads), 3);
    const [today] = await days('once');
    // Seven bytes whole, five from the third on, and the two whole ones after them.
    assert.deepEqual(today, { downloads: 3, downloaders: 2, bytes: 7 + 5 + 7 + 7 });
  });

  it('is of the file that stands for the whole, by the rule of its library', async () => {
    const at = await make('rule');
    await fetchFile(`${at}/README.md`);
    assert.equal((await figures('rule')).downloads, 0);
    await fetchFile(`${at}/m.gguf`);
    assert.equal((await figures('rule')).downloads, 1);
    assert.equal(isQueryFile('model', 'diffusers', 'model_index.json'), true);
    assert.equal(isQueryFile('model', 'diffusers', 'config.json'), false);
    assert.equal(isQueryFile('model', 'peft', 'adapter_config.json'), true);
    assert.equal(isQueryFile('model', null, 'sub/config.json'), false);
    assert.equal(isQueryFile('dataset', null, 'train.parquet'), true);
  });

  it('of a month ago is in the sum of all time alone', async () => {
    const at = await make('month');
    await fetchFile(`${at}/config.json`);
    const first = await figures('month');
    assert.deepEqual([first.downloads, first.downloadsAllTime], [1, 1]);
    clock.advance(31 * DAY_MS);
    const later = await figures('month');
    assert.deepEqual([later.downloads, later.downloadsAllTime, later.trending], [0, 1, 0]);
  });
});

describe('days', () => {
  it('are shown to whom the repository is, with those on which nobody came', async () => {
    const at = await make('shown');
    await fetchFile(`${at}/config.json`);
    await figures('shown');
    const call = (tenantId: string) =>
      callAs(hub, tenantId, 'viewer', (of) => createDownloadRoutes(of));
    const path = '/cloud/v1/repositories/model/acme/shown/downloads?days=3';
    const { body } = await call(BOLT)('GET', path);
    const { days: shown = [] }: { days?: Record<string, unknown>[] } = body;
    assert.equal(shown.length, 3);
    const today = new Date(clock.nowMs()).toISOString().slice(0, 10);
    assert.deepEqual(shown.at(-1), { day: today, downloads: 1, downloaders: 1, bytes: 7 });
    assert.equal(shown[0]?.['downloads'], 0);
    await make('unseen', 'private');
    const hidden = '/cloud/v1/repositories/model/acme/unseen/downloads';
    assert.equal((await call(BOLT)('GET', hidden)).status, 404);
    assert.equal((await call(ACME)('GET', hidden)).status, 200);
  });
});

describe('what trends', () => {
  it('falls with the days, and counts who fetched and not how often', async () => {
    const [many, one] = [await make('many'), await make('one')];
    await fetchFile(`${many}/config.json`, BOLT);
    await fetchFile(`${many}/config.json`, ACME);
    for (const file of ['config.json', 'm.gguf']) await fetchFile(`${one}/${file}`, BOLT);
    const [busy, quiet] = [await figures('many'), await figures('one')];
    assert.equal(busy.downloads, quiet.downloads);
    assert.ok(busy.trending > quiet.trending, `${busy.trending} > ${quiet.trending}`);
    const { response } = await face.ask('/api/models?sort=trendingScore&limit=1', { as: BOLT });
    assert.match(await response.text(), /acme\/many/);
    clock.advance(4 * DAY_MS);
    const later = await figures('many');
    assert.ok(later.trending > 0 && later.trending < busy.trending, String(later.trending));
  });

  it('counts a like three times', async () => {
    await make('liked');
    const before = await figures('liked');
    assert.equal(
      (await face.ask('/api/models/acme/liked/like', { as: BOLT, json: {} })).status,
      200,
    );
    const { trending } = await figures('liked');
    assert.ok(trending > 2.9 && trending <= 3, `${before.trending} → ${trending}`);
  });
});

describe('counts', () => {
  it('that could not be written are written with those that follow', async () => {
    const at = await make('kept');
    await fetchFile(`${at}/config.json`, BOLT);
    await sql`alter table downloads_daily rename to downloads_away`.execute(database);
    await assert.rejects(hub.downloads.flush());
    await sql`alter table downloads_away rename to downloads_daily`.execute(database);
    await fetchFile(`${at}/config.json`, ACME);
    assert.equal((await figures('kept')).downloads, 2);
    assert.deepEqual(
      (await days('kept')).map(({ downloaders }) => downloaders),
      [2],
    );
  });

  it('of a repository that is gone meanwhile hurt no others', async () => {
    const [gone, stays] = [await make('gone'), await make('stays')];
    await fetchFile(`${gone}/config.json`);
    await fetchFile(`${stays}/config.json`);
    const json = { name: 'gone', organization: 'acme', type: 'model' };
    await face.ask('/api/repos/delete', { method: 'DELETE', json });
    assert.equal((await figures('stays')).downloads, 1);
  });

  it('keep nobody’s address, and hashes for two days', async () => {
    const { rows } = await sql<{ kept: string }>`
      select encode(client, 'hex') as kept from downloaders`.execute(database);
    assert.ok(rows.length > 0 && rows.every(({ kept }) => /^[0-9a-f]{16}$/.test(kept)));
    clock.advance(3 * DAY_MS);
    await hub.downloads.refresh();
    const left = await sql`select 1 from downloaders`.execute(database);
    assert.equal(left.rows.length, 0);
  });
});
