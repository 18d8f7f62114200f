import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { verifyCheckpoints } from './checkpoint.ts';
import { createLedger } from './ledger.ts';
import type { Finding } from './verify.ts';

const DAY_MS = 24 * 60 * 60_000;

const { database } = await createTestDatabase();
const clock = createManualClock(Date.now());
const ledger = createLedger({ database, clock, log: silentLog });
const tenantId = await insertTenant(database);

const ids: number[] = [];
async function credit(): Promise<number> {
  const { id } = await ledger.credit({
    tenantId,
    currency: 'CNY',
    amountPico: 100n,
    idempotencyKey: `credit ${ids.length}`,
    note: 'bank transfer',
  });
  ids.push(id);
  return id;
}
for (let count = 0; count < 5; count += 1) await credit();
clock.advance(DAY_MS);
const sealed = await ledger.checkpoints.makeDue();
const firstDay = await ledger.checkpoints.last();

class RolledBack extends Error {}

/** What is found after somebody with all rights changed rows; it is undone afterwards. */
async function foundAfter(change: (tx: Database) => Promise<unknown>): Promise<readonly Finding[]> {
  let findings: readonly Finding[] = [];
  const tables = ['ledger_entries', 'ledger_postings', 'ledger_checkpoints'].map((name) =>
    sql.table(name),
  );
  const work = transaction(database, async (tx) => {
    for (const table of tables) await sql`alter table ${table} disable trigger all`.execute(tx);
    await change(tx);
    findings = await verifyCheckpoints(tx);
    throw new RolledBack();
  });
  await assert.rejects(work, RolledBack);
  return findings;
}

const subjects = (findings: readonly Finding[]) => findings.map(({ subject }) => subject);

describe('the days of the ledger', () => {
  it('are sealed once each when they are over, also those without entries', async () => {
    clock.advance(3 * DAY_MS);
    const more = await ledger.checkpoints.makeDue();
    const again = await ledger.checkpoints.makeDue();
    const last = await ledger.checkpoints.last();

    assert.deepEqual([sealed, more, again], [1, 3, 0]);
    assert.deepEqual([firstDay?.entries, firstDay?.lastEntryId], [5, ids.at(-1)]);
    assert.deepEqual([last?.entries, last?.lastEntryId], [0, ids.at(-1)]);

    const late = await credit();
    clock.advance(DAY_MS);
    await ledger.checkpoints.makeDue();

    assert.equal((await ledger.checkpoints.last())?.lastEntryId, late);
    assert.deepEqual(await ledger.verify(), []);
  });

  it('show an amount that was edited, also where balances and digests were made to fit', async () => {
    const id = ids[2] ?? 0;

    const findings = await foundAfter(async (tx) => {
      await sql`update ledger_postings set amount_pico = amount_pico * 10
        where entry_id = ${id}`.execute(tx);
      await sql`update ledger_entries set payload_sha256 = sha256('forged')
        where id = ${id}`.execute(tx);
    });

    assert.deepEqual(subjects(findings), [`entry ${id}`]);
  });

  it('show an entry that was taken away, one that was slipped in, and another time', async () => {
    const gone = await foundAfter(async (tx) => {
      await sql`delete from ledger_postings where entry_id = ${ids[1]}`.execute(tx);
      await sql`delete from ledger_entries where id = ${ids[1]}`.execute(tx);
    });
    const moved = await foundAfter((tx) =>
      sql`update ledger_entries set effective_at = effective_at - interval '1 day'
        where id = ${ids[4]}`.execute(tx),
    );
    const added = await foundAfter((tx) =>
      sql`insert into ledger_entries (id, key, payload_sha256, kind, effective_at)
        overriding system value values (0, 'slipped in', '', 'credit', now())`.execute(tx),
    );

    assert.deepEqual(subjects(gone), [`entry ${ids[1]}`]);
    assert.deepEqual(subjects(moved), [`entry ${ids[4]}`]);
    assert.deepEqual(subjects(added), ['entry 0']);
  });

  it('show a day whose digest was made to fit, by the day after it', async () => {
    const findings = await foundAfter((tx) =>
      sql`update ledger_checkpoints set sha256 = sha256('forged')
        where day = (select min(day) from ledger_checkpoints)`.execute(tx),
    );

    assert.deepEqual(
      findings.map(({ law }) => law),
      ['a day of the ledger is as it was sealed', 'a day of the ledger stands on the day before'],
    );
  });

  it('cannot be edited by whoever has no such rights', async () => {
    for (const table of ['ledger_checkpoints', 'ledger_checkpoint_parts']) {
      const work = sql`delete from ${sql.table(table)}`.execute(database);
      await assert.rejects(work, /append-only/, table);
    }
  });
});
