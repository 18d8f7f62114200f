import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import type { PricedModel } from '#pricing/price.ts';
import { createMetering } from './metering.ts';
import type { SettledRecord } from './usage-event.ts';

const DAY_MS = 24 * 60 * 60_000;
const JANUARY_31 = Date.UTC(2027, 0, 31, 12);
const FEBRUARY = Date.UTC(2027, 1);

const { database } = await createTestDatabase();
const clock = createManualClock(JANUARY_31);
const ledger = createLedger({ database, clock, log: silentLog });
const tenantId = await insertTenant(database);
const otherId = await insertTenant(database);
const model = await insertModel(database, tenantId);
const price: PricedModel = {
  priceId: 'prc_1',
  modelId: model.id,
  currency: 'CNY',
  effectiveFromMs: 0,
  components: [
    { unit: 'token', direction: 'input', amountPico: '1000000', perUnits: 1 },
    { unit: 'token', direction: 'output', amountPico: '3000000', perUnits: 1 },
  ],
};
const closedUntil = new Map<string, number>();
const metering = createMetering({
  database,
  ledger,
  pricing: { byId: async () => new Map([[price.priceId, price]]) },
  periods: { closedUntil: async () => closedUntil },
  keepDays: 35,
  counts: async () => ({ models: 0, machines: 0, replicasReady: 0 }),
  clock,
  log: silentLog,
});

function call(owner: string, settledAtMs: number): SettledRecord {
  const identity = identityOf({
    requestId: createId('req', settledAtMs - 1000),
    tenantId: owner,
    modelId: model.id,
    priceId: price.priceId,
    admittedAtMs: settledAtMs - 1000,
  });
  return settledOf(identity, { settledAtMs });
}

let offset = 0;
async function ship(...settled: SettledRecord[]) {
  offset += 1;
  const part = { segment: 1, fromOffset: offset - 1, toOffset: offset };
  return metering.ingest({ gatewayId: 'gtw_1', ...part, settled });
}

const period = (owner: string, fromMs: number, toMs: number) => ({
  tenantId: owner,
  currency: 'CNY',
  fromMs,
  toMs,
});

/** 10 input at a millionth and 20 output at three. */
const ONE_CALL_PICO = 70_000_000n;

const inJanuary = call(tenantId, JANUARY_31);
await ship(inJanuary, call(tenantId, JANUARY_31 + 1), call(otherId, JANUARY_31));

describe('what bills are made of', () => {
  it('are units at one price each, and who paid, with the same total as the calls', async () => {
    const january = period(tenantId, Date.UTC(2027, 0), FEBRUARY);
    const { lines, sources } = await metering.lines.sum(database, january);
    const { eventsPico, calls, entriesWrong } = await metering.lines.posted(database, january);

    assert.deepEqual(
      lines.map((line) => [
        line.direction,
        line.units,
        line.eachPico,
        line.priced,
        line.amountPico,
      ]),
      [
        ['input', 20n, 1_000_000n, 20n, 20_000_000n],
        ['output', 40n, 3_000_000n, 40n, 120_000_000n],
      ],
    );
    assert.deepEqual(
      sources.map(({ source, amountPico }) => [source, amountPico]),
      [['cash', 2n * ONE_CALL_PICO]],
    );
    assert.deepEqual([eventsPico, calls, entriesWrong], [2n * ONE_CALL_PICO, 2, []]);
  });

  it('begin at midnight anywhere, because bounds are quarters of an hour', async () => {
    // 31 January 18:15 UTC is midnight in Kathmandu.
    const midnight = Date.UTC(2027, 0, 31, 18, 15);
    await ship(call(otherId, midnight - 1), call(otherId, midnight));

    const before = await metering.lines.sum(database, period(otherId, JANUARY_31, midnight));
    const after = await metering.lines.sum(database, period(otherId, midnight, FEBRUARY));

    const total = (sum: typeof before) =>
      sum.lines.reduce((pico, { amountPico }) => pico + amountPico, 0n);
    assert.deepEqual([total(before), total(after)], [2n * ONE_CALL_PICO, ONE_CALL_PICO]);
    await assert.rejects(metering.lines.sum(database, period(otherId, midnight + 1, FEBRUARY)), {
      code: 'usage.range_invalid',
    });
  });

  it('come one by one too, each call once, and nobody else gets them', async () => {
    const seen: string[] = [];
    for await (const { requestId } of metering.lines.each(
      database,
      period(tenantId, 0, FEBRUARY),
    )) {
      seen.push(requestId);
    }

    assert.equal(seen.length, 2);
    assert.ok(seen.includes(inJanuary.requestId));
  });
});

describe('a call that arrives after its month was closed', () => {
  it('counts at the start of the open one, marked as a correction, and changes no sum before', async () => {
    closedUntil.set(tenantId, FEBRUARY);
    const january = period(tenantId, Date.UTC(2027, 0), FEBRUARY);
    const before = await metering.lines.sum(database, january);

    await ship(call(tenantId, JANUARY_31 + 2));

    const february = period(tenantId, FEBRUARY, Date.UTC(2027, 2));
    assert.deepEqual(await metering.lines.sum(database, january), before);
    assert.deepEqual(
      (await metering.lines.sum(database, february)).lines.map(({ correctionOf, calls }) => [
        correctionOf,
        calls,
      ]),
      [
        ['2027-01-31', 1],
        ['2027-01-31', 1],
      ],
    );
    assert.equal((await metering.lines.posted(database, february)).eventsPico, ONE_CALL_PICO);
    assert.deepEqual((await metering.verify()).findings, []);
  });
});

describe('old days', () => {
  it('are kept until every tenant has closed them, then dropped, and the books still hold', async () => {
    clock.advance(50 * DAY_MS);
    const kept = await metering.tidy();
    closedUntil.set(tenantId, Date.UTC(2027, 2)).set(otherId, Date.UTC(2027, 2));
    const january = period(tenantId, Date.UTC(2027, 0), FEBRUARY);
    const before = await metering.lines.sum(database, january);

    const dropped = await metering.tidy();

    const { rows } = await sql<{ count: number }>`
      select count(*) as count from usage_events`.execute(database);
    assert.deepEqual([kept, dropped, rows[0]?.count], [[], ['2027-01-31'], 0]);
    assert.deepEqual(await metering.lines.sum(database, january), before);
    assert.deepEqual((await metering.verify()).findings, []);
    assert.deepEqual(
      (await ledger.verify()).filter(({ law }) => law !== 'no balance is under its floor'),
      [],
    );
  });

  it('take no call any more: it is kept aside, because nobody knows whether it was recorded', async () => {
    assert.deepEqual(await ship(inJanuary), { recorded: 0, duplicates: 0, quarantined: 1 });
    assert.deepEqual((await metering.verify()).findings, []);
  });

  it('have partitions made a week ahead', async () => {
    const today = new Date(clock.nowMs()).toISOString().slice(0, 10);
    const { rows } = await sql<{ days: number }>`
      select count(*) as days from usage_days where request_day >= ${today}::date`.execute(
      database,
    );

    assert.equal(rows[0]?.days, 8);
  });
});
