import assert from 'node:assert/strict';
import { copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  callerWithKey,
  createControl,
  createHome,
  createTestTenancy,
  signIn,
} from './tenancy-fixture.ts';

const url = 'http://localhost:8080';

const database = await createTestDatabase();

/** An empty database and an empty home, as before the first start. */
async function start() {
  for (const table of ['keys', 'members', 'projects', 'auth_users', 'tenants']) {
    await sql`delete from ${sql.table(table)}`.execute(database.database);
  }
  const tenancy = createTestTenancy(database, createManualClock(Date.now()));
  const homeFolder = await createHome();
  return { tenancy, homeFolder, path: join(homeFolder, 'first-run.json') };
}

const count = async (table: string): Promise<number | undefined> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)}`.execute(database.database);
  return rows[0]?.count;
};

describe('the first start', () => {
  it('makes a file that only its owner may read, and whose secrets work', async () => {
    const cloud = await start();

    const { isFirst, credentials } = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    const file: unknown = JSON.parse(await readFile(cloud.path, 'utf8'));
    assert.ok(isFirst && credentials !== null);
    assert.deepEqual(file, credentials);
    assert.deepEqual(Object.keys(credentials), ['url', 'email', 'password', 'apiKey']);
    assert.equal((await stat(cloud.path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(cloud.homeFolder), ['first-run.json']);
    const app = createControl(cloud.tenancy);
    const byKey = await callerWithKey(app, credentials.apiKey)('GET', '/cloud/v1/me');
    const bySession = await (await signIn(app, credentials))('GET', '/cloud/v1/me');
    assert.deepEqual([byKey.body.role, byKey.body.tenant.kind], ['owner', 'operator']);
    assert.deepEqual([bySession.body.role, bySession.body.projects.length], ['owner', 1]);
  });

  it('happens once', async () => {
    const cloud = await start();
    const first = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    const second = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    assert.deepEqual(second, { isFirst: false, credentials: first.credentials });
    assert.equal(await count('tenants'), 1);
  });

  it('goes on from the file when it died before the rows', async () => {
    const before = await start();
    const { credentials } = await before.tenancy.ensureFirstRun({ ...before, url });
    const cloud = await start();
    await copyFile(before.path, cloud.path);

    const again = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    assert.deepEqual(again, { isFirst: true, credentials });
    const apiKey = String(credentials?.apiKey);
    const me = await callerWithKey(createControl(cloud.tenancy), apiKey)('GET', '/cloud/v1/me');
    assert.equal(me.status, 200);
  });

  it('makes one operator when several start at the same time', async () => {
    const cloud = await start();

    const runs = await Promise.all(
      [1, 2, 3].map(() => cloud.tenancy.ensureFirstRun({ ...cloud, url })),
    );

    assert.equal(runs.filter(({ isFirst }) => isFirst).length, 1);
    assert.equal(new Set(runs.map(({ credentials }) => credentials?.apiKey)).size, 1);
    assert.deepEqual([await count('tenants'), await count('keys')], [1, 1]);
    assert.deepEqual(await readdir(cloud.homeFolder), ['first-run.json']);
  });

  it('leaves no wrong file in a second home of the same database', async () => {
    const cloud = await start();
    const secondHome = await createHome();

    await Promise.all(
      [cloud.homeFolder, secondHome].map((homeFolder) =>
        cloud.tenancy.ensureFirstRun({ homeFolder, url }),
      ),
    );

    const homes = await Promise.all([readdir(cloud.homeFolder), readdir(secondHome)]);
    assert.equal(homes.flat().length, 1);
  });

  it('does not make a file again that the operator removed', async () => {
    const cloud = await start();
    await cloud.tenancy.ensureFirstRun({ ...cloud, url });
    await rm(cloud.path);

    const again = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    assert.deepEqual(again, { isFirst: false, credentials: null });
    assert.deepEqual(await readdir(cloud.homeFolder), []);
  });

  it('follows when the address changes', async () => {
    const cloud = await start();
    const first = await cloud.tenancy.ensureFirstRun({ ...cloud, url });

    const again = await cloud.tenancy.ensureFirstRun({ ...cloud, url: 'http://localhost:9090' });

    const file: unknown = JSON.parse(await readFile(cloud.path, 'utf8'));
    assert.deepEqual(file, { ...first.credentials, url: 'http://localhost:9090' });
    assert.deepEqual(again.credentials, file);
    assert.equal((await stat(cloud.path)).mode & 0o777, 0o600);
  });

  it('refuses a file that it did not write', async () => {
    const cloud = await start();
    await writeFile(cloud.path, '{"url":1}');

    await assert.rejects(cloud.tenancy.ensureFirstRun({ ...cloud, url }), {
      code: 'first_run.unreadable',
    });
    assert.equal(await count('tenants'), 0);
  });
});
