/** Holds the books of metering and ledger against each other, in a process that wrote neither. */
import assert from 'node:assert/strict';
import { systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { parseAmount } from '#ledger/money.ts';
import { createMetering } from '#metering/metering.ts';
import { createPricing } from '#pricing/pricing.ts';

export async function checkBooks(
  database: Database,
  request: Readonly<{
    tenantIds: readonly string[];
    /** What each tenant was given at the start. */
    openingCredit: string;
    say: (text: string) => string;
  }>,
): Promise<void> {
  const { tenantIds, openingCredit, say } = request;
  const parts = { database, clock: systemClock, log: silentLog };
  const ledger = createLedger(parts);
  const pricing = createPricing({
    ...parts,
    models: { find: async () => null, list: async () => [] },
  });
  const metering = createMetering({
    ...parts,
    ledger,
    pricing,
    counts: async () => ({ models: 0, machines: 0, replicasReady: 0 }),
  });
  assert.deepEqual((await metering.verify()).findings, [], say('the books of metering'));
  assert.deepEqual(await ledger.verify(), [], say('the books of the ledger'));
  for (const tenantId of tenantIds) {
    const { rows } = await sql<{ rated: string }>`
      select coalesce(sum(amount_pico), 0) as rated from usage_events
      where tenant_id = ${tenantId}`.execute(database);
    const { balance } = await ledger.balance(tenantId);
    const spent = parseAmount(openingCredit) - parseAmount(balance);
    assert.equal(spent, BigInt(rows[0]?.rated ?? 0), say('what was rated left the balance'));
  }
}
