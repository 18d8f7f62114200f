import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createDays } from './days.ts';
import { type IngestParts, ingest } from './ingest.ts';
import type { SettledRecord } from './usage-event.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const ledger = createLedger({ database, clock, log: silentLog });
const tenants = [await insertTenant(database), await insertTenant(database)];
const model = await insertModel(database, tenants[0] ?? '');
const pricing = createPricing({
  database,
  models: { find: async () => model, list: async () => [model] },
  clock,
  log: silentLog,
});
const price = await pricing.publish(
  { tenantId: 'ten_operator', isOperator: true },
  {
    model: model.name,
    currency: 'CNY',
    effectiveFromMs: null,
    inputPerMillion: '0.3',
    cacheReadPerMillion: '0.03',
    outputPerMillion: '1.2',
    reasoningPerMillion: null,
    createdBy: null,
  },
);
const days = createDays({ database, clock, log: silentLog });
const parts: IngestParts = { database, ledger, pricing, days, clock, log: silentLog };

/** 10 input at 0.3 and 20 output at 1.2 per million. */
const ONE_EVENT_PICO = 10n * 300_000n + 20n * 1_200_000n;

function eventOf(tenant: number, changes: Partial<SettledRecord> = {}): SettledRecord {
  const tenantId = tenants[tenant] ?? '';
  return settledOf(identityOf({ tenantId, modelId: model.id, priceId: price.id }), changes);
}

let offset = 0;
function ship(settled: readonly unknown[], gatewayId = 'gtw_1') {
  offset += 1;
  return ingest(parts, {
    gatewayId,
    segment: 1,
    fromOffset: offset,
    toOffset: offset + 1,
    settled,
  });
}

async function spentBy(tenantId: string): Promise<string> {
  const { rows } = await sql<{ total: string }>`
    select coalesce(sum(amount_pico), 0) as total from usage_events
    where tenant_id = ${tenantId}`.execute(database);
  const { balance } = await ledger.balance(tenantId);
  const recorded = formatAmount(-BigInt(rows[0]?.total ?? 0));
  assert.equal(balance, recorded, 'rated equals posted');
  return balance;
}

async function countQuarantined(): Promise<number> {
  const { rows } = await sql<{ kept: number }>`
    select count(*) as kept from usage_quarantine`.execute(database);
  return Number(rows[0]?.kept);
}

describe('ingest', () => {
  it('records and posts each event once, however shipments are cut, repeated and mixed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1), { minLength: 1, maxLength: 12 }),
        fc.array(fc.array(fc.nat(), { maxLength: 10 }), { minLength: 1, maxLength: 5 }),
        async (owners, cuts) => {
          const before = await Promise.all(tenants.map(spentBy));
          const events = owners.map((tenant) => eventOf(tenant));
          const shipped = new Set<number>();
          for (const [round, cut] of cuts.entries()) {
            const picks = cut.map((pick) => pick % events.length);
            for (const pick of picks) shipped.add(pick);
            await ship(
              picks.map((pick) => events[pick]),
              `gtw_${round % 2}`,
            );
          }
          const after = await Promise.all(tenants.map(spentBy));

          tenants.forEach((_, tenant) => {
            const count = [...shipped].filter((pick) => owners[pick] === tenant).length;
            const expected = parseAmount(before[tenant] ?? '0') - BigInt(count) * ONE_EVENT_PICO;
            assert.equal(parseAmount(after[tenant] ?? '0'), expected);
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('posts once when two gateways ship the same record at the same time', async () => {
    const before = await spentBy(tenants[0] ?? '');
    const events = [eventOf(0), eventOf(0)];

    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => ship(events, `gtw_copy_${index}`)),
    );

    assert.equal(
      answers.reduce((total, { recorded }) => total + recorded, 0),
      2,
    );
    assert.equal(
      parseAmount(before) - parseAmount(await spentBy(tenants[0] ?? '')),
      2n * ONE_EVENT_PICO,
    );
  });

  it('makes one entry per tenant, currency and day of a shipment', async () => {
    const tomorrow = { settledAtMs: clock.nowMs() + 24 * 60 * 60_000 };
    const events = [eventOf(0), eventOf(0), eventOf(1), eventOf(0, tomorrow)];

    await ship(events);

    const { rows } = await sql<{ entries: number }>`
      select count(distinct entry_id) as entries from usage_events
      where request_id = any(${events.map(({ requestId }) => requestId)}::text[])`.execute(
      database,
    );
    assert.equal(rows[0]?.entries, 3);
  });

  it('rates free models at nothing and posts no empty entry', async () => {
    const event = eventOf(0, { priceId: null });

    await ship([event]);

    assert.deepEqual(await rowOf(event), { amount: '0', ratedBy: 'free', entryId: null });
  });

  it('charges nothing for a request that failed before it produced anything', async () => {
    const usage = { input: 500, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    const event = eventOf(0, { outcome: 'failed', status: 502, usage });

    await ship([event]);

    assert.deepEqual(await rowOf(event), { amount: '0', ratedBy: 'price', entryId: null });
  });

  it('settles at the hold when the price version is unknown, and lets the rest through', async () => {
    const strange = eventOf(0, { priceId: 'prc_unknown', holdPico: '123' });
    const ordinary = eventOf(0);

    const answer = await ship([strange, ordinary]);

    assert.deepEqual(answer, { recorded: 2, duplicates: 0, quarantined: 0 });
    const row = await rowOf(strange);
    assert.deepEqual([row?.amount, row?.ratedBy], ['123', 'hold']);
  });

  it('keeps records of nobody and unreadable ones aside, whole and once, and lets the rest through', async () => {
    const homeless = eventOf(0, { tenantId: 'ten_nobody' });
    const broken = { ...eventOf(0), usage: { input: -1 } };
    const ordinary = eventOf(0);

    const first = await ship([homeless, broken, 7, ordinary]);
    const again = await ship([homeless, broken, 7, ordinary]);

    assert.deepEqual(first, { recorded: 1, duplicates: 0, quarantined: 3 });
    assert.deepEqual(again, { recorded: 0, duplicates: 1, quarantined: 3 });
    const { rows } = await sql<{ kept: number }>`
      select count(*) as kept from usage_quarantine`.execute(database);
    assert.equal(rows[0]?.kept, 3);
  });

  it('keeps aside what no database column can hold, so that it stops nothing behind it', async () => {
    const before = await countQuarantined();
    const unstorable = [
      eventOf(0, { modelName: 'a\u0000b' }),
      eventOf(0, { modelName: 'lone \ud800' }),
      eventOf(0, { attempt: 2 ** 40 }),
    ];

    const given = await ship([...unstorable, eventOf(0)]);

    assert.deepEqual(given, { recorded: 1, duplicates: 0, quarantined: 3 });
    assert.equal((await countQuarantined()) - before, 3);
  });

  it('counts spending against the lease it was held in', async () => {
    const tenantId = tenants[0] ?? '';
    await ledger.credit({
      tenantId,
      currency: 'CNY',
      amountPico: 10n ** 15n,
      idempotencyKey: 'lease',
      note: '',
    });
    const { lease } = await ledger.leases.open({
      gatewayId: 'gtw_1',
      tenantId,
      currency: 'CNY',
      amountPico: 10n ** 9n,
    });
    assert.ok(lease);

    await ship([eventOf(0, { leaseId: lease.id }), eventOf(0, { leaseId: lease.id })]);

    const closed = await ledger.leases.close({ id: lease.id });
    assert.equal(closed.settledPico, 2n * ONE_EVENT_PICO);
  });
});

async function rowOf(event: SettledRecord) {
  const { rows } = await sql<{ amount: string; ratedBy: string; entryId: number | null }>`
    select amount_pico as amount, rated_by as "ratedBy", entry_id as "entryId" from usage_events
    where tenant_id = ${event.tenantId} and request_id = ${event.requestId}`.execute(database);
  return rows[0];
}
