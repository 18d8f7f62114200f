/**
 * A database of its own for each test file, cloned from a migrated template: of the PostgreSQL server
 * at TEST_DATABASE_URL, or of an embedded one in this process. `npm test` runs the files
 * that import this on both.
 */
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import { type DatabaseHandle, openDatabase } from '#platform/database.ts';
import { migrate, readMigrations } from '#platform/migrate.ts';
import { withWholeExchanges } from '#platform/whole-exchanges.ts';

export type TestDatabase = DatabaseHandle & { url: string };

/** A migrated, empty database; dropped after the file's tests. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  return server === undefined ? embedded() : cloned(server);
}

async function embedded(): Promise<TestDatabase> {
  const pglite = await PGlite.create();
  const socket = new PGLiteSocketServer({
    db: withWholeExchanges(pglite),
    port: 0,
    host: '127.0.0.1',
    maxConnections: 20,
  });
  await socket.start();
  const url = `postgres://postgres:postgres@${socket.getServerConn()}/postgres`;
  const handle = openDatabase({ url, poolSize: 5 });
  await migrate(handle.database);
  const stop = async (): Promise<void> => {
    await handle.stop();
    await socket.stop();
    await pglite.close();
  };
  after(stop);
  return { ...handle, url, stop };
}

async function cloned(server: string): Promise<TestDatabase> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const template = await ensureTemplate(admin, server);
  const name = `flywheel_test_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name} template ${template}`);
  const url = withDatabase(server, name);
  const handle = openDatabase({ url });
  const stop = async (): Promise<void> => {
    await handle.stop();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  };
  after(stop);
  return { ...handle, url, stop };
}

/** The template's name carries the migrations' hashes, so that a changed migration makes a new one. */
async function ensureTemplate(admin: pg.Client, server: string): Promise<string> {
  const migrations = await readMigrations();
  const fingerprint = migrations
    .reduce((text, { sha256 }) => text + sha256.slice(0, 4), '')
    .slice(-40);
  const name = `flywheel_template_${fingerprint}`;
  await admin.query('select pg_advisory_lock(7365202)');
  try {
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 1) return name;
    await admin.query(`create database ${name}`);
    const handle = openDatabase({ url: withDatabase(server, name) });
    await migrate(handle.database, migrations);
    await handle.stop();
    return name;
  } finally {
    await admin.query('select pg_advisory_unlock(7365202)');
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
