import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import type { PriceRate, PriceTerms } from '#pricing/api.ts';
import { createPricing } from '#pricing/pricing.ts';
import { simulate, thresholdsOf } from '#pricing/simulate.ts';
import { createMetering } from './metering.ts';
import type { SettledRecord } from './usage-event.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const log = silentLog;
const ledger = createLedger({ database, clock, log });
const tenants = [await insertTenant(database), await insertTenant(database)];
const model = await insertModel(database, tenants[0] ?? '');
const models = { find: async () => model, list: async () => [model] };
const pricing = createPricing({ database, models, clock, log });
const counts = async () => ({ models: 0, machines: 0, replicasReady: 0 });
const metering = createMetering({ database, ledger, pricing, counts, clock, log });

const token = (direction: 'input' | 'output', rest: Pick<PriceRate, 'mode' | 'tiers'>) => ({
  unit: 'token' as const,
  direction,
  per: 1,
  ...rest,
});
const graduated = [
  { upTo: 100, amount: '0.003' },
  { upTo: null, amount: '0.001' },
];
const MIXED: PriceTerms = {
  rates: [
    token('input', {
      mode: 'whole_request',
      tiers: [
        { upTo: 10, amount: '0.001' },
        { upTo: null, amount: '0.002' },
      ],
    }),
    token('output', { mode: 'graduated', tiers: graduated }),
    {
      unit: 'image',
      direction: 'output',
      mode: 'package',
      per: 4,
      tiers: [{ upTo: null, amount: '1' }],
    },
  ],
  serviceTiers: {},
  regions: {},
};
const published = await pricing.publish(
  { tenantId: 'ten_operator', isOperator: true },
  { model: model.name, currency: 'CNY', effectiveFromMs: null, terms: MIXED, createdBy: null },
);

function eventOf(tenant: number, input: number, output: number, images = 0): SettledRecord {
  const tenantId = tenants[tenant] ?? '';
  const identity = identityOf({ tenantId, modelId: model.id, priceId: published.id });
  const usage = { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  const units = [{ unit: 'image' as const, direction: 'output' as const, count: images }];
  return settledOf(identity, images === 0 ? { usage } : { usage, units });
}

let offset = 0;
async function ship(settled: readonly SettledRecord[], gatewayId = 'gtw_1'): Promise<void> {
  offset += 1;
  const at = { gatewayId, segment: 1, fromOffset: offset, toOffset: offset + 1 };
  await metering.ingest({ ...at, settled });
}

async function chargedTo(tenant: number): Promise<bigint> {
  const { rows } = await sql<{ amount: string }>`
    select coalesce(sum(amount_pico), 0)::text as amount from usage_events
    where tenant_id = ${tenants[tenant] ?? ''}`.execute(database);
  return BigInt(rows[0]?.amount ?? 0);
}

const MILLI = 10n ** 9n;

describe('calls of a price with monthly tiers', () => {
  it('are charged by all that was used before, once, in whatever shipments they come', async () => {
    const events = [
      eventOf(0, 10, 60),
      eventOf(0, 11, 60, 3),
      eventOf(0, 5, 60, 3),
      eventOf(1, 1, 60),
    ];

    await ship(events.slice(2), 'gtw_2');
    await ship(events);
    await ship(events.toReversed(), 'gtw_3');

    // 180 of output: 100 at 3 and 80 at 1; 10 at 1, 11 at 2, 5 at 1 of input; two packages of images.
    assert.equal(await chargedTo(0), (300n + 80n + 10n + 22n + 5n + 2_000n) * MILLI);
    assert.equal(await chargedTo(1), (180n + 1n) * MILLI);
  });

  it('are proved from where they stood', async () => {
    const { findings } = await metering.verify();

    assert.deepEqual(findings, []);
  });

  it('that failed before any output take no place and cost nothing', async () => {
    const before = await chargedTo(1);

    await ship([{ ...eventOf(1, 50, 0), outcome: 'failed', status: 500 }]);
    await ship([eventOf(1, 0, 40)]);

    assert.equal((await chargedTo(1)) - before, 120n * MILLI);
  });

  it('replayed by their own prices cost what they were charged', async () => {
    const price = (await pricing.byId([published.id])).get(published.id);
    assert.ok(price);
    const thresholds = thresholdsOf([price]);
    const range = {
      fromMs: clock.nowMs() - 86_400_000 * 400,
      toMs: clock.nowMs() + 86_400_000 * 400,
    };

    const rows = await metering.replay({ ...range, modelIds: [model.id], thresholds });
    const simulated = simulate(rows, new Map([[model.id, price]]), thresholds);

    assert.equal(simulated.length, 2);
    for (const { nowPico, thenPico } of simulated) assert.equal(thenPico, nowPico);
    const own = simulated.find(({ tenantId }) => tenantId === tenants[0]);
    assert.deepEqual([own?.calls, own?.nowPico], [3, await chargedTo(0)]);
  });

  it('replayed without tiers cost the flat price', async () => {
    const price = (await pricing.byId([published.id])).get(published.id);
    assert.ok(price);
    const flat = price.components
      .filter(({ unit }) => unit === 'token')
      .map((component) => {
        const { unit, direction } = component;
        return { unit, direction, amountPico: MILLI.toString(), perUnits: 1 };
      });
    const components = [...new Map(flat.map((each) => [each.direction, each])).values()];
    const range = { fromMs: 0, toMs: clock.nowMs() + 86_400_000 * 400 };

    const rows = await metering.replay({ ...range, modelIds: [model.id], thresholds: [] });
    const simulated = simulate(rows, new Map([[model.id, { ...price, components }]]), []);

    const own = simulated.find(({ tenantId }) => tenantId === tenants[0]);
    assert.equal(own?.thenPico, (180n + 26n) * MILLI);
  });
});
