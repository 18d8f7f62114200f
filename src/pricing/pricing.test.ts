import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertModel, insertTenant, ownerOf } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { priceInForce } from './price.ts';
import { type ModelDirectory, createPricing } from './pricing.ts';
import { createPricingRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const operatorId = await insertTenant(database, 'operator');
const [mine, theirs] = [await insertTenant(database), await insertTenant(database)];
const open = await insertModel(database, operatorId, 'open');
const secret = await insertModel(database, theirs, 'secret');

/** `open` is public; `secret` is its owner's and the operator's to see. */
const models: ModelDirectory = {
  find: async (name, viewer) =>
    (await models.list(viewer)).find((each) => each.name === name) ?? null,
  list: async ({ tenantId, isOperator }) =>
    isOperator || tenantId === theirs ? [open, secret] : [open],
};
const pricing = createPricing({ database, models, clock, log: silentLog });
const routes = createPricingRoutes(pricing);
const operator = callAs(ownerOf(operatorId, 'operator'), routes);
const customer = callAs(ownerOf(mine), routes);

const iso = (ms: number): string => new Date(ms).toISOString();

const price = (changes: Record<string, unknown> = {}) => ({
  model: open.name,
  inputPerMillion: '0.3',
  outputPerMillion: '1.2',
  ...changes,
});

const rate = (direction: string, amount: string) => ({
  unit: 'token',
  direction,
  mode: 'whole_request',
  per: 1_000_000,
  tiers: [{ upTo: null, amount }],
});

describe('prices', () => {
  it('come back as they were written, with nothing where nothing was set', async () => {
    clock.advance(1000);
    const { status, body } = await operator(
      '/cloud/v1/prices',
      price({ cacheReadPerMillion: '0.03' }),
    );

    assert.equal(status, 201);
    assert.deepEqual(
      { ...body, id: null, createdAt: null },
      {
        id: null,
        modelId: open.id,
        modelName: open.name,
        currency: 'CNY',
        effectiveFrom: iso(clock.nowMs()),
        inputPerMillion: '0.3',
        cacheReadPerMillion: '0.03',
        outputPerMillion: '1.2',
        reasoningPerMillion: null,
        rates: [rate('cache_read', '0.03'), rate('input', '0.3'), rate('output', '1.2')],
        serviceTiers: {},
        regions: {},
        createdAt: null,
      },
    );
  });

  it('begin now or later, never twice at the same instant', async () => {
    clock.advance(1000);
    const later = { effectiveFrom: iso(clock.nowMs() + 3_600_000) };

    const past = await operator(
      '/cloud/v1/prices',
      price({ effectiveFrom: iso(clock.nowMs() - 90_000) }),
    );
    const first = await operator('/cloud/v1/prices', price(later));
    const twin = await operator('/cloud/v1/prices', price(later));

    assert.deepEqual([past.status, past.body.error?.code], [400, 'price.in_past']);
    assert.equal(first.status, 201);
    assert.deepEqual([twin.status, twin.body.error?.code], [409, 'price.exists']);
  });

  for (const [field, text, code] of [
    ['inputPerMillion', '-1', 'price.negative'],
    ['inputPerMillion', '0.0000001', 'price.below_pico'],
    ['outputPerMillion', '1000000001', 'price.too_large'],
    ['outputPerMillion', 'NaN', 'request.invalid'],
    ['outputPerMillion', 1.2, 'request.invalid'],
    ['currency', 'XYZ', 'request.invalid'],
    ['model', 'nobody/none', 'price.model_unknown'],
  ] as const) {
    it(`are refused with ${code} for ${field} ${text}`, async () => {
      const { body } = await operator('/cloud/v1/prices', price({ [field]: text }));

      assert.deepEqual([body.error?.code, body.error?.param], [code, field]);
    });
  }

  it('are set by the operator only', async () => {
    const { status } = await customer('/cloud/v1/prices', price());

    assert.equal(status, 403);
  });

  it('of a model show to those who see the model', async () => {
    clock.advance(1000);
    await operator('/cloud/v1/prices', price({ model: secret.name }));

    const all = await customer('/cloud/v1/prices');
    const one = await customer(`/cloud/v1/prices?model=${encodeURIComponent(secret.name)}`);
    const owner = await callAs(ownerOf(theirs), routes)('/cloud/v1/prices');

    assert.ok(all.body.data?.every(({ modelId }) => modelId === open.id));
    assert.equal(one.status, 404);
    assert.ok(owner.body.data?.some(({ modelId }) => modelId === secret.id));
  });

  it('come in pages, the last published first', async () => {
    const first = await operator('/cloud/v1/prices?limit=2');
    const cursor = first.body.nextCursor;
    const second = await operator(`/cloud/v1/prices?limit=200&cursor=${cursor}`);

    const ids = [...(first.body.data ?? []), ...(second.body.data ?? [])].map(({ id }) =>
      String(id),
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    assert.equal(second.body.nextCursor, null);
  });

  it('cannot be changed afterwards', async () => {
    await assert.rejects(sql`update price_components set amount_pico = 0`.execute(database), {
      constraint: 'prices_are_immutable',
    });
  });
});

describe('the feed', () => {
  it('carries what may apply from an hour ago on, and a gateway picks the version of its instant', async () => {
    const model = await insertModel(database, operatorId, 'feed');
    const here = createPricing({
      database,
      models: { find: async () => model, list: async () => [model] },
      clock,
      log: silentLog,
    });
    const viewer = { tenantId: operatorId, isOperator: true };
    const publish = (outputPerMillion: string) =>
      here.publish(viewer, {
        model: model.name,
        currency: 'CNY',
        effectiveFromMs: null,
        inputPerMillion: '1',
        cacheReadPerMillion: null,
        outputPerMillion,
        reasoningPerMillion: null,
        createdBy: null,
      });
    const versions: string[] = [];
    for (const output of ['1', '2', '3']) {
      versions.push((await publish(output)).id);
      clock.advance(2 * 3_600_000);
    }
    versions.push((await publish('4')).id);

    const feed = (await here.listForFeed()).filter(({ modelId }) => modelId === model.id);

    assert.deepEqual(
      feed.map(({ priceId }) => priceId),
      versions.slice(2),
    );
    assert.equal(priceInForce(feed, clock.nowMs())?.priceId, versions[3]);
    assert.equal(priceInForce(feed, clock.nowMs() - 1)?.priceId, versions[2]);
    assert.deepEqual((await here.byId(versions)).get(versions[2] ?? ''), feed[0]);
  });
});
