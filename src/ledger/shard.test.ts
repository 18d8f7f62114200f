import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import {
  type NewEntry,
  PLATFORM_SHARDS,
  balanceChanges,
  platformAccount,
  tenantCredit,
} from './entry.ts';
import { createLedger } from './ledger.ts';

const { database } = await createTestDatabase();
const ledger = createLedger({ database, clock: createManualClock(), log: silentLog });
const revenue = platformAccount('revenue', 'CNY');

function usage(tenantId: string, key: string): NewEntry {
  return {
    key: `${tenantId}/${key}`,
    kind: 'usage',
    reference: {},
    effectiveAtMs: 0,
    postings: [
      { account: tenantCredit(tenantId, 'CNY'), amountPico: -7n },
      { account: revenue, amountPico: 7n },
    ],
  };
}

async function revenueRows(tx: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ balance: string }>`
    select balance_pico as balance from ledger_balances where account_id = ${revenue.id}`.execute(
    tx,
  );
  return rows.map(({ balance }) => balance);
}

describe('a platform account', () => {
  it('is touched in one of its rows by a posting, however many entries that has', () => {
    const entries = Array.from({ length: 100 }, (_, index) => usage('ten_1', String(index)));

    const changes = balanceChanges(entries, 11);

    assert.deepEqual(changes, [
      { account: revenue, shard: 11, amountPico: 700n },
      { account: tenantCredit('ten_1', 'CNY'), shard: 0, amountPico: -700n },
    ]);
  });

  it('is the sum of its rows', async () => {
    const tenants = [await insertTenant(database), await insertTenant(database)];
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        transaction(database, (tx) =>
          ledger.postAll(tx, [usage(tenants[index % 2] ?? '', `sum ${index}`)]),
        ),
      ),
    );

    const rows = await revenueRows(database);

    assert.equal(
      rows.reduce((total, balance) => total + BigInt(balance), 0n),
      210n,
    );
    assert.deepEqual(
      (await ledger.verify()).filter(({ law }) => law === 'a balance is the sum of its postings'),
      [],
    );
  });

  // The embedded database has one session: there a transaction waits for every other anyway.
  if (process.env['TEST_DATABASE_URL'] !== undefined) {
    it('lets as many writers post at once as it has rows, none of them waiting', async () => {
      const writers = 8;
      assert.ok(writers <= PLATFORM_SHARDS);
      const tenants = await Promise.all(
        Array.from({ length: writers }, () => insertTenant(database)),
      );
      const everybodyPosted = Promise.withResolvers<void>();
      let posted = 0;

      // Each keeps its transaction open until all have posted: one that waited would wait forever.
      await Promise.all(
        tenants.map((tenantId) =>
          transaction(database, async (tx) => {
            await ledger.postAll(tx, [usage(tenantId, 'at once'), usage(tenantId, 'and again')]);
            posted += 1;
            if (posted === writers) everybodyPosted.resolve();
            await everybodyPosted.promise;
          }),
        ),
      );

      assert.equal(posted, writers);
    });
  }
});
