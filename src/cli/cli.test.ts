import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createHub } from '#hub/hub.ts';
import { createHuggingFaceRoutes } from '#hub/huggingface/routes.ts';
import { serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createCloud, createHome } from '#tenancy/tenancy-fixture.ts';
import { runCli } from './cli-fixture.ts';

const database = await createTestDatabase();
const { app, owner, tenancy, clock } = await createCloud(database);
const hub = createHub({
  database: database.database,
  objects: createFolderObjects({ folder: await createHome(), reserveBytes: 0 }),
  clock,
  log: silentLog,
  isDeployed: () => Promise.resolve(false),
});
app.route('/', createHuggingFaceRoutes({ hub, tenancy, clock }));
const control = await serveApp(app, { host: '127.0.0.1', port: 0 });
after(() => control.stop(0));
const environment = { FLYWHEEL_URL: control.url, FLYWHEEL_API_KEY: owner.apiKey };

const asOwner = (...argv: string[]) => runCli(argv, { environment });

describe('flywheel key', () => {
  it('creates, lists and revokes', async () => {
    const created = await asOwner(
      'key',
      'create',
      'ci',
      '--model',
      'a/b',
      '--expires',
      '30d',
      '--json',
    );
    const key = JSON.parse(created.out);
    const listed = JSON.parse((await asOwner('key', 'list', '--json')).out);
    const revoked = await asOwner('key', 'revoke', key.id);
    const left = JSON.parse((await asOwner('key', 'list', '--json')).out);

    assert.deepEqual([created.code, created.notes], [0, '']);
    assert.match(key.secret, /^sk-fw-/);
    assert.deepEqual([key.name, key.models], ['ci', ['a/b']]);
    const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
    assert.ok(ids(listed).includes(key.id));
    assert.deepEqual([revoked.code, revoked.out], [0, '']);
    assert.match(revoked.notes, /is revoked/);
    assert.ok(!ids(left).includes(key.id));
  });

  it('prints the secret alone, for $(…), and the rest beside it', async () => {
    const { code, out, notes } = await asOwner('key', 'create', 'shell');

    assert.equal(code, 0);
    assert.match(out, /^sk-fw-\w{49}\n$/);
    assert.match(notes, /not shown again/);
  });

  it('lists in columns', async () => {
    await asOwner('key', 'create', '测试 key');

    const { out } = await asOwner('key', 'list');

    assert.match(out, /^KEY +NAME +SECRET +ROLE +MODELS +CREATED +STATE\n/);
    assert.match(out, /测试 key/);
  });
});

describe('flywheel hub token create', () => {
  it('prints a token that hub clients send', async () => {
    const { code, out } = await asOwner('hub', 'token', 'create', 'laptop', '--json');

    assert.equal(code, 0);
    assert.match(JSON.parse(out).token, /^hf_[A-Za-z0-9]{34,}$/);
  });
});

describe('flywheel hub repo', () => {
  it('makes a repository, lists it, sets it, moves it and deletes it', async () => {
    const run = (...words: string[]) => asOwner('hub', 'repo', ...words);
    const made = JSON.parse((await run('create', 'notes', '--json')).out);
    assert.match(made.id, /^[a-z0-9-]+\/notes$/);
    assert.match((await run('list')).out, /^REPOSITORY +VISIBILITY .*\n.*\/notes +private +no/m);
    const { notes } = await run('settings', made.id, '--visibility', 'public', '--gated', 'auto');
    assert.match(notes, /is public, and gated \(auto\)/);
    assert.equal((await run('move', made.id, `${made.id}-2`)).code, 0);
    assert.equal((await run('delete', `${made.id}-2`)).code, 0);
    const gone = await run('delete', `${made.id}-2`);
    assert.match(gone.notes, /There is no model/);
    assert.notEqual(gone.code, 0);
  });
});

describe('the address and the key', () => {
  it('come from the home of the cloud that runs here', async () => {
    const home = await createHome();
    const file = { ...owner, url: control.url };
    await writeFile(join(home, 'first-run.json'), JSON.stringify(file));

    const { code } = await runCli(['key', 'list'], { environment: { FLYWHEEL_HOME: home } });

    assert.equal(code, 0);
  });

  it('of the home never go to another address', async () => {
    const home = await createHome();
    const file = { ...owner, url: 'http://localhost:1' };
    await writeFile(join(home, 'first-run.json'), JSON.stringify(file));

    const { code, notes } = await runCli(['key', 'list', '--url', control.url], {
      environment: { FLYWHEEL_HOME: home },
    });

    assert.equal(code, 4);
    assert.match(notes, /auth\.missing/);
  });

  it('given as options go first', async () => {
    const { code, notes } = await asOwner('key', 'list', '--key', 'sk-fw-wrong');

    assert.equal(code, 4);
    assert.match(notes, /This key is unknown, revoked or expired/);
  });
});

describe('a failure', () => {
  it('says what, why, what to do, and where to look', async () => {
    const { code, out, notes } = await asOwner('key', 'revoke', 'key_none');

    assert.deepEqual([code, out], [3, '']);
    assert.match(notes, /^error  There is no key key_none\.\n/);
    assert.match(notes, /hint {2}`flywheel key list` shows what there is\./);
    assert.match(notes, /code {2}key\.unknown/);
    assert.match(notes, /request {2}req_/);
  });

  it('is JSON on standard error when JSON was asked for', async () => {
    const { code, out, notes } = await asOwner('key', 'revoke', 'key_none', '--json');

    const { error } = JSON.parse(notes);
    assert.deepEqual([code, out], [3, '']);
    assert.deepEqual([error.code, error.status], ['key.unknown', 404]);
  });

  it('has an exit code that scripts can tell apart', async () => {
    const viewer = JSON.parse(
      (await asOwner('key', 'create', 'v', '--role', 'viewer', '--json')).out,
    );
    const codes = await Promise.all([
      runCli(['key', 'list', '--url', 'http://127.0.0.1:9']),
      runCli(['key', 'lst']),
      runCli(['key', 'list'], { environment: { ...environment, FLYWHEEL_API_KEY: viewer.secret } }),
      runCli(['key', 'list'], { environment: { FLYWHEEL_PROT: '1' } }),
    ]);

    assert.deepEqual(
      codes.map(({ code }) => code),
      [5, 2, 4, 2],
    );
    assert.match(codes[3].notes, /Did you mean FLYWHEEL_PORT/);
  });
});

describe('flywheel config', () => {
  it('shows every setting and no secret', async () => {
    const { code, out } = await asOwner('config', '--json');

    assert.equal(code, 0);
    assert.ok(!out.includes(owner.apiKey));
    const { data } = JSON.parse(out);
    const found = data.find(({ name }: { name: string }) => name === 'FLYWHEEL_API_KEY');
    assert.equal(found.value, '(set)');
  });
});

describe('flywheel', () => {
  it('helps without a home, a server or a setting', async () => {
    const [bare, version] = await Promise.all([runCli([]), runCli(['--version'])]);

    assert.equal(bare.code, 0);
    assert.match(bare.out, /Usage {2}flywheel NOUN \[VERB\]/);
    assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  });
});
