import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { type RatableCall, rateCalls, rateCallsAgain } from './positions.ts';
import { createPricing } from './pricing.ts';
import type { PriceTerms } from './api.ts';

const { database } = await createTestDatabase();
const operatorId = await insertTenant(database, 'operator');
const model = await insertModel(database, operatorId, 'painter');
const clock = createManualClock();
const pricing = createPricing({
  database,
  models: { find: async () => model, list: async () => [model] },
  clock,
  log: silentLog,
});

const GRADUATED: PriceTerms = {
  rates: [
    {
      unit: 'image',
      direction: 'output',
      mode: 'graduated',
      per: 1,
      tiers: [
        { upTo: 10, amount: '3' },
        { upTo: null, amount: '1' },
      ],
    },
  ],
  serviceTiers: {},
  regions: {},
};

async function publish(terms: PriceTerms) {
  clock.advance(1_000);
  const { id } = await pricing.publish(
    { tenantId: operatorId, isOperator: true },
    { model: model.name, currency: 'CNY', effectiveFromMs: null, terms, createdBy: null },
  );
  const price = (await pricing.byId([id])).get(id);
  assert.ok(price);
  return price;
}

const PICO = 10n ** 12n;
const JUNE_MS = Date.parse('2030-06-30T23:59:59.999Z');
const price = await publish(GRADUATED);

const call = (tenantId: string, images: number, changes: Partial<RatableCall> = {}) => ({
  tenantId,
  requestId: createId('req'),
  attempt: 1,
  price,
  quantities: {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
    units: [{ unit: 'image' as const, direction: 'output' as const, count: images }],
  },
  admittedAtMs: JUNE_MS,
  ...changes,
});

const take = (calls: readonly RatableCall[]) => transaction(database, (tx) => rateCalls(tx, calls));
const amounts = (rated: readonly Readonly<{ amountPico: bigint }>[]) =>
  rated.map(({ amountPico }) => Number(amountPico / PICO));

describe('calls with monthly tiers', () => {
  it('stand one after the other, over shipments and within one', async () => {
    const tenantId = await insertTenant(database);

    const first = await take([call(tenantId, 4), call(tenantId, 4)]);
    const second = await take([call(tenantId, 4)]);

    assert.deepEqual(amounts(first), [12, 12]);
    assert.deepEqual(amounts(second), [8]);
  });

  it('are counted by tenant, month of admission, version and class', async () => {
    const [tenantId, other] = [await insertTenant(database), await insertTenant(database)];
    const next = await publish(GRADUATED);
    await take([call(tenantId, 10)]);

    const rated = await take([
      call(other, 1),
      call(tenantId, 1, { admittedAtMs: JUNE_MS + 1 }),
      call(tenantId, 1, { price: next }),
      call(tenantId, 2, { price: { ...price, serviceTier: 'flex' } }),
      call(tenantId, 1),
    ]);

    assert.deepEqual(amounts(rated), [3, 3, 3, 3, 1]);
  });

  it('cost the same when they are rated again', async () => {
    const tenantId = await insertTenant(database);
    const calls = [call(tenantId, 7), call(tenantId, 7), call(tenantId, 7)];
    const rated = await take(calls);

    const again = await rateCallsAgain(database, calls.toReversed());

    assert.deepEqual(amounts(again), amounts(rated).toReversed());
    assert.deepEqual(again.toReversed(), rated);
  });

  it('never stand at the same place when many shipments come at once, and none deadlocks', async () => {
    const tenants = [await insertTenant(database), await insertTenant(database)];
    const shipments = Array.from({ length: 8 }, (_, index) =>
      take((index % 2 === 0 ? tenants : tenants.toReversed()).map((tenantId) => call(tenantId, 3))),
    );

    const rated = (await Promise.all(shipments)).flat();

    // Each tenant made 24 images: 10 at 3 and 14 at 1.
    assert.equal(
      amounts(rated).reduce((sum, amount) => sum + amount, 0),
      2 * (30 + 14),
    );
  });

  it('give their places back when they are not recorded after all', async () => {
    const tenantId = await insertTenant(database);
    await assert.rejects(
      transaction(database, async (tx) => {
        await rateCalls(tx, [call(tenantId, 10)]);
        throw new Error('not recorded');
      }),
    );

    assert.deepEqual(amounts(await take([call(tenantId, 1)])), [3]);
  });
});

describe('calls without monthly tiers', () => {
  it('leave no trace of where they stood', async () => {
    const tenantId = await insertTenant(database);
    const flat = await publish({
      ...GRADUATED,
      rates: GRADUATED.rates.map((rate) => ({ ...rate, mode: 'whole_request' as const })),
    });

    assert.deepEqual(amounts(await take([call(tenantId, 11, { price: flat })])), [11]);
    const { rows } = await sql`
      select 1 from price_position_uses where tenant_id = ${tenantId}`.execute(database);
    assert.equal(rows.length, 0);
  });
});
