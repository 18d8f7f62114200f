import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { sql, transaction } from './database.ts';
import { migrate, readMigrations } from './migrate.ts';

const { database } = await createTestDatabase();

describe('migrate', () => {
  it('runs each file once', async () => {
    const again = await migrate(database);

    assert.deepEqual(again, []);
  });

  it('refuses a file whose text changed after it ran', async () => {
    const [first, ...rest] = await readMigrations();
    assert.ok(first);

    await assert.rejects(migrate(database, [{ ...first, sha256: 'other' }, ...rest]), {
      code: 'migration.changed',
    });
  });

  it('leaves nothing behind of a file that fails', async () => {
    const broken = {
      name: '999999_broken.sql',
      text: 'create table half (id int); select 1/0;',
      sha256: 'x',
    };

    await assert.rejects(
      migrate(database, [...(await readMigrations()), broken]),
      /division by zero/,
    );
    const { rows } = await sql`select 1 from pg_tables where tablename = 'half'`.execute(database);
    assert.equal(rows.length, 0);
  });
});

describe('the ledger tables', () => {
  it('refuse an entry that does not balance', async () => {
    const unbalanced = transaction(database, async (tx) => {
      await sql`insert into ledger_accounts (id, kind, currency) values ('a', 'cash', 'CNY')`.execute(
        tx,
      );
      await sql`insert into ledger_entries (key, payload_sha256, kind, effective_at) values ('k', '', 'test', now())`.execute(
        tx,
      );
      await sql`insert into ledger_postings select id, 0, 'a', 'CNY', 1 from ledger_entries where key = 'k'`.execute(
        tx,
      );
    });

    await assert.rejects(unbalanced, { constraint: 'ledger_entry_balances' });
  });
});
