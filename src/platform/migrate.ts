/**
 * Forward-only migrations: numbered `.sql` files, each run once in its own transaction. The row in
 * `migrations` is inserted first, under an advisory lock, so that two starters cannot both run one;
 * a file whose text changed after it ran is refused, because schema.sql would then lie.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, sql } from './database.ts';
import { defineErrors } from './error.ts';

const fail = defineErrors({ 'migration.changed': { status: 500 } });

/** Any constant will do; it only has to be the same in every starter. */
const ADVISORY_LOCK = 7_365_201;

export const MIGRATIONS_FOLDER = join(import.meta.dirname, '..', '..', 'migrations');

export type Migration = Readonly<{ name: string; text: string; sha256: string }>;

export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Runs what has not run yet and returns the names. Raises `migration.changed`. */
export async function migrate(
  database: Database,
  migrations?: readonly Migration[],
): Promise<readonly string[]> {
  const all = migrations ?? (await readMigrations());
  return database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK})`.execute(connection);
    try {
      return await runPending(connection, all);
    } finally {
      await sql`select pg_advisory_unlock(${ADVISORY_LOCK})`.execute(connection);
    }
  });
}

async function runPending(connection: Database, all: readonly Migration[]): Promise<string[]> {
  await sql`create table if not exists migrations (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`.execute(connection);
  const { rows } = await sql<{
    name: string;
    sha256: string;
  }>`select name, sha256 from migrations`.execute(connection);
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const ran: string[] = [];
  for (const migration of all) {
    const known = applied.get(migration.name);
    if (known === migration.sha256) continue;
    if (known !== undefined) {
      throw fail(
        'migration.changed',
        `Migration ${migration.name} already ran with another text. Add a new file instead.`,
      );
    }
    await connection.transaction().execute(async (tx) => {
      await sql`insert into migrations (name, sha256) values (${migration.name}, ${migration.sha256})`.execute(
        tx,
      );
      await sql.raw(migration.text).execute(tx);
    });
    ran.push(migration.name);
  }
  return ran;
}
