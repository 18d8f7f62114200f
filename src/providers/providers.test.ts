import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import type { PriceRate } from '#pricing/api.ts';
import type { OtherUnit } from '#pricing/quantities.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  API_KEY,
  CUSTOMER,
  CUSTOMER_MODEL,
  HUB_MODEL,
  OPERATOR,
  answerJson,
  createProvidersFixture,
  startUpstream,
} from './providers-fixture.ts';
import type { CostAmounts } from './api.ts';

const handle = await createTestDatabase();

const WISH = {
  name: 'one',
  dialect: 'openai',
  baseUrl: 'https://api.example.com/v1',
  apiKey: API_KEY,
} as const;

const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof FlywheelError && error.code === code;

describe('a provider', () => {
  it('keeps its key sealed: shown nowhere, opened for gateways', async () => {
    const { providers, file } = await createProvidersFixture(handle);

    const created = await providers.create(OPERATOR, WISH);

    const { rows } = await sql<{ text: string }>`select row_to_json(p)::text as text,
      encode(key_ciphertext, 'escape') as raw from providers p`.execute(handle.database);
    const everywhere = JSON.stringify([created, rows, await providers.listForFeed()]);
    assert.equal(everywhere.includes(API_KEY), false);
    assert.equal(created.keyHint, '…7890');
    assert.deepEqual(await providers.openKey(created.id), { apiKey: API_KEY, keyVersion: 1 });
    const [master = ''] = JSON.parse(await readFile(file, 'utf8')).keys;
    assert.equal(JSON.stringify(rows).includes(master), false);
  });

  it('opens in no row but its own', async () => {
    const { providers } = await createProvidersFixture(handle);
    const one = await providers.create(OPERATOR, WISH);
    const two = await providers.create(CUSTOMER, { ...WISH, apiKey: 'sk-of-the-customer' });

    await sql`update providers p set key_ciphertext = o.key_ciphertext, key_wrapped = o.key_wrapped
      from providers o where p.id = ${two.id} and o.id = ${one.id}`.execute(handle.database);

    await assert.rejects(providers.openKey(two.id), isCode('provider.key_unreadable'));
  });

  it('is changed field by field, and a new address wants the key again', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);

    const renamed = await providers.update(OPERATOR, id, { name: 'two', parallel: 3 });
    const elsewhere = { baseUrl: 'https://evil.example.com/v1' };

    assert.deepEqual([renamed.name, renamed.parallel, renamed.timeoutMs], ['two', 3, 120_000]);
    await assert.rejects(providers.update(OPERATOR, id, elsewhere), isCode('provider.key_invalid'));
    const moved = await providers.update(OPERATOR, id, {
      ...elsewhere,
      apiKey: 'sk-new-1234567890',
    });
    assert.equal(moved.baseUrl, elsewhere.baseUrl);
    assert.deepEqual(await providers.openKey(id), { apiKey: 'sk-new-1234567890', keyVersion: 2 });
  });

  it('loses its key when it is removed, and serves nothing any more', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    await providers.addModel(OPERATOR, id, { upstreamModel: 'm-1' });

    await providers.remove(OPERATOR, id);

    await assert.rejects(providers.openKey(id), isCode('provider.unknown'));
    await assert.rejects(providers.get(OPERATOR, id), isCode('provider.unknown'));
    const feed = await providers.listForFeed();
    assert.deepEqual([feed.models, feed.deployments, feed.replicas], [[], [], []]);
    const { rows } = await sql<{ bytes: number }>`
      select length(key_ciphertext) + length(key_wrapped) as bytes from providers`.execute(
      handle.database,
    );
    assert.deepEqual(rows, [{ bytes: 0 }]);
  });

  it('of a tenant is on the public Internet; the operator may allow its own network', async () => {
    const { providers } = await createProvidersFixture(handle);
    const inside = { ...WISH, baseUrl: 'http://10.0.0.5:8000/v1' };

    await assert.rejects(providers.create(CUSTOMER, inside), isCode('provider.address_denied'));
    await assert.rejects(
      providers.create(CUSTOMER, { ...inside, allowsPrivate: true }),
      isCode('provider.address_denied'),
    );
    await assert.rejects(providers.create(OPERATOR, inside), isCode('provider.address_denied'));
    const allowed = await providers.create(OPERATOR, { ...inside, allowsPrivate: true });
    assert.equal(allowed.baseUrl, 'http://10.0.0.5:8000/v1');
    const { id } = await providers.create(CUSTOMER, WISH);
    await assert.rejects(
      providers.update(CUSTOMER, id, { allowsPrivate: true }),
      isCode('provider.address_denied'),
    );
  });

  it('of a tenant is bounded in what it takes of gateways and feeds', async () => {
    const { providers } = await createProvidersFixture(handle);
    const many = { ...WISH, parallel: 257 };

    await assert.rejects(providers.create(CUSTOMER, many), isCode('provider.too_many'));
    assert.equal((await providers.create(OPERATOR, many)).parallel, 257);
    const { id } = await providers.create(CUSTOMER, WISH);
    await assert.rejects(
      providers.update(CUSTOMER, id, { parallel: 300 }),
      isCode('provider.too_many'),
    );
    await sql`insert into provider_models (tenant_id, id, provider_id, model_id, model_name,
        upstream_model, capabilities, visibility)
      select ${CUSTOMER.tenantId}, 'dep_' || n, ${id}, 'ext_' || n, 'm-' || n, 'x', '{chat}', 'private'
      from generate_series(1, 200) as n`.execute(handle.database);
    await assert.rejects(
      providers.addModel(CUSTOMER, id, { upstreamModel: 'one-more' }),
      isCode('provider.too_many'),
    );
  });

  it('is tested, and how that ended is remembered', async () => {
    const { providers } = await createProvidersFixture(handle);
    let status = 200;
    const { url } = await startUpstream((incoming, outgoing) =>
      answerJson({ data: [{ id: 'm-1' }, { id: 'm-2' }] }, status)(incoming, outgoing),
    );
    const wish = { ...WISH, baseUrl: `${url}/v1`, allowsPrivate: true };
    const { id } = await providers.create(OPERATOR, wish);
    await providers.addModel(OPERATOR, id, { upstreamModel: 'm-2', modelName: 'our/two' });

    const good = await providers.test(OPERATOR, id);
    const listed = await providers.upstreamModels(OPERATOR, id);
    const afterGood = await providers.get(OPERATOR, id);
    status = 401;
    const bad = await providers.test(OPERATOR, id);

    assert.deepEqual([good.isOk, good.models], [true, 2]);
    assert.deepEqual(
      listed.map((model) => [model.id, model.servedAs]),
      [
        ['m-1', null],
        ['m-2', 'our/two'],
      ],
    );
    assert.equal(afterGood.testResult, 'ok');
    assert.deepEqual([bad.isOk, bad.result], [false, 'provider.key_refused']);
    assert.equal((await providers.get(OPERATOR, id)).testResult, 'provider.key_refused');
  });
});

describe('a model of a provider', () => {
  it('is in the feed as a deployment in the region external, without a key', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, { ...WISH, parallel: 7, timeoutMs: 5_000 });
    const wish = { upstreamModel: 'gpt-x', modelName: 'our/x', contextLength: 1000 };

    const model = await providers.addModel(OPERATOR, id, wish);

    const feed = await providers.listForFeed();
    assert.equal(feed.models[0]?.name, 'our/x');
    assert.equal(feed.deployments[0]?.id, model.id);
    assert.deepEqual(feed.replicas[0], {
      id: model.id.replace('dep_', 'rep_'),
      deploymentId: model.id,
      nodeId: null,
      region: 'external',
      url: 'https://api.example.com/v1',
      engineKey: null,
      upstreamModel: 'gpt-x',
      parallel: 7,
      contextLength: 1000,
      capabilities: ['chat'],
      state: 'ready',
      provider: {
        id,
        dialect: 'openai',
        keyVersion: 1,
        allowsPrivate: false,
        timeoutMs: 5_000,
        parallel: 7,
      },
    });
    await providers.update(OPERATOR, id, { isEnabled: false });
    assert.deepEqual((await providers.listForFeed()).replicas, []);
  });

  it("adds to a model of the hub for the operator, and never takes a tenant's calls elsewhere", async () => {
    const { providers } = await createProvidersFixture(handle);
    const ours = await providers.create(OPERATOR, WISH);
    const theirs = await providers.create(CUSTOMER, WISH);
    const wish = (modelName: string) => ({ upstreamModel: 'x', modelName });

    await providers.addModel(OPERATOR, ours.id, wish(HUB_MODEL));

    const feed = await providers.listForFeed();
    assert.deepEqual([feed.models, feed.deployments[0]?.modelId], [[], 'mdl_tiny']);
    for (const name of [HUB_MODEL, CUSTOMER_MODEL, 'alias/taken']) {
      await assert.rejects(
        providers.addModel(CUSTOMER, theirs.id, wish(name)),
        isCode('provider.name_taken'),
        name,
      );
    }
    await assert.rejects(
      providers.addModel(CUSTOMER, theirs.id, { ...wish('cust/x'), visibility: 'public' }),
      isCode('provider.public_denied'),
    );
  });

  it('is the same model under the same name, at two providers and after coming back', async () => {
    const { providers } = await createProvidersFixture(handle);
    const one = await providers.create(OPERATOR, WISH);
    const two = await providers.create(OPERATOR, { ...WISH, name: 'two' });
    const wish = { upstreamModel: 'x', modelName: 'our/x' };

    const first = await providers.addModel(OPERATOR, one.id, wish);
    await providers.addModel(OPERATOR, two.id, { ...wish, visibility: 'public' });
    const feed = await providers.listForFeed();
    await assert.rejects(providers.addModel(OPERATOR, one.id, wish), isCode('provider.name_taken'));
    await providers.removeModel(OPERATOR, one.id, first.id);
    await providers.addModel(OPERATOR, one.id, wish);

    assert.deepEqual(
      feed.models.map(({ visibility }) => visibility),
      ['public'],
    );
    const again = await providers.listForFeed();
    assert.deepEqual(
      new Set(again.deployments.map(({ modelId }) => modelId)),
      new Set([feed.models[0]?.id]),
    );
  });
});

describe('what a provider costs', () => {
  const usage = { input: 1_000, cacheRead: 500, cacheWrite: 0, output: 100, reasoning: 10 };

  it('is the version in force when a call was admitted, exactly', async () => {
    const { providers, clock } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    const cost = { inputPerMillion: '1', outputPerMillion: '4', cacheReadPerMillion: '0.1' };
    const model = await providers.addModel(OPERATOR, id, { upstreamModel: 'x', cost });
    const firstMs = clock.nowMs();
    clock.advance(10_000);
    await providers.addCost(
      OPERATOR,
      { providerId: id, modelId: model.id },
      { ...cost, inputPerMillion: '2', effectiveFromMs: null, createdBy: null },
    );

    const call = { deploymentId: model.id, usage, currency: 'CNY', isServed: true };
    const costs = await providers.costsOf([
      { ...call, atMs: firstMs - 1 },
      { ...call, atMs: firstMs },
      { ...call, atMs: firstMs + 10_000 },
      { ...call, atMs: firstMs, deploymentId: 'dep_ours' },
      { ...call, atMs: firstMs, deploymentId: null },
    ]);

    // 1000 × 1 µ + 500 × 0.1 µ + 110 × 4 µ, where µ is a millionth.
    assert.deepEqual(
      costs.map((found) => found?.costPico ?? null),
      [null, 1_490_000_000n, 2_490_000_000n, null, null],
    );
    const versions = await providers.listCosts(OPERATOR, { providerId: id, modelId: model.id });
    assert.deepEqual(
      versions.map(({ inputPerMillion }) => inputPerMillion),
      ['1', '2'],
    );
  });

  it('counts all that a provider counts: caches by how long they live, images, seconds, requests', async () => {
    const { providers, clock } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    const rateOf = (
      of: Pick<PriceRate, 'unit' | 'direction' | 'cacheTtl'>,
      amount: string,
      per = 1,
    ) => ({ ...of, per, tiers: [{ upTo: null, amount }] });
    const rates = [
      rateOf({ unit: 'token', direction: 'input' }, '3', 1_000_000),
      rateOf({ unit: 'token', direction: 'cache_read' }, '0.3', 1_000_000),
      rateOf({ unit: 'token', direction: 'cache_write', cacheTtl: '5m' }, '3.75', 1_000_000),
      rateOf({ unit: 'token', direction: 'cache_write', cacheTtl: '1h' }, '6', 1_000_000),
      rateOf({ unit: 'token', direction: 'output' }, '15', 1_000_000),
      rateOf({ unit: 'image', direction: 'output' }, '0.2'),
      rateOf({ unit: 'second', direction: 'input' }, '0.006'),
      rateOf({ unit: 'character', direction: 'input' }, '20', 1_000_000),
      rateOf({ unit: 'page', direction: 'input' }, '0.01'),
      rateOf({ unit: 'request', direction: 'input' }, '0.005'),
    ];
    const cost: CostAmounts = { currency: 'USD', rates };
    const model = await providers.addModel(OPERATOR, id, { upstreamModel: 'x', cost });
    const call = { deploymentId: model.id, atMs: clock.nowMs(), currency: 'USD', isServed: true };
    const tokens = { ...usage, cacheWrite: 200, cacheWrite1h: 50, reasoning: 0 };
    const nothing = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    const unit = (name: OtherUnit, direction: 'input' | 'output', count: number) => ({
      ...nothing,
      units: [{ unit: name, direction, count }],
    });

    const costs = await providers.costsOf([
      { ...call, usage: tokens },
      { ...call, usage: unit('image', 'output', 2) },
      { ...call, usage: unit('second', 'input', 12_500) },
      { ...call, usage: unit('character', 'input', 1_000) },
      { ...call, usage: unit('page', 'input', 7) },
      { ...call, usage: unit('request', 'input', 1) },
      { ...call, usage: nothing, isServed: false },
      { ...call, usage: tokens, currency: 'CNY' },
    ]);

    const request = 5_000_000_000n;
    // 1000 × 3 µ + 500 × 0.3 µ + 200 × 3.75 µ + 50 × 6 µ + 100 × 15 µ.
    assert.deepEqual(
      costs.map((found) => (found === null ? null : found.costPico)),
      [
        5_700_000_000n + request,
        400_000_000_000n + request,
        75_000_000_000n + request,
        20_000_000_000n + request,
        70_000_000_000n + request,
        request,
        0n,
        null,
      ],
    );
    const [shown] = await providers.listCosts(OPERATOR, { providerId: id, modelId: model.id });
    assert.deepEqual(
      [shown?.inputPerMillion, shown?.outputPerMillion, shown?.rates.length, shown?.currency],
      ['3', '15', 10, 'USD'],
    );
  });

  it('is refused where it says too little, or counts a month', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    const add = (cost: CostAmounts) =>
      providers.addModel(OPERATOR, id, { upstreamModel: 'x', cost });
    const tiers = [{ upTo: null, amount: '1' }];
    const image = { unit: 'image', direction: 'output', per: 1, tiers } as const;

    await assert.rejects(add({ inputPerMillion: '1' }), isCode('provider.cost_incomplete'));
    await assert.rejects(
      add({ rates: [{ ...image, tiers, mode: 'graduated' }] }),
      isCode('provider.cost_monthly'),
    );
    await assert.rejects(
      add({ rates: [{ ...image, cacheTtl: '1h' }] }),
      isCode('price.dimension_invalid'),
    );
  });

  it('of a version of before still counts its tokens', async () => {
    const { providers, clock } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    const model = await providers.addModel(OPERATOR, id, { upstreamModel: 'x' });
    await sql`insert into provider_costs (tenant_id, id, provider_model_id, currency, effective_from,
        input_pico, cache_read_pico, output_pico)
      values (${OPERATOR.tenantId}, 'cst_old', ${model.id}, 'CNY', ${new Date(clock.nowMs())}, 1000000, 100000, 4000000)`.execute(
      handle.database,
    );
    const call = { deploymentId: model.id, atMs: clock.nowMs(), currency: 'CNY', isServed: true };

    const [found] = await providers.costsOf([{ ...call, usage }]);

    assert.deepEqual(found, { costId: 'cst_old', costPico: 1_490_000_000n });
  });

  it("is the operator's alone: a tenant pays its provider itself", async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(CUSTOMER, WISH);
    const cost = { inputPerMillion: '1', outputPerMillion: '4' };
    const wish = { upstreamModel: 'x', cost };

    await assert.rejects(providers.addModel(CUSTOMER, id, wish), isCode('provider.cost_denied'));
    assert.deepEqual((await providers.get(CUSTOMER, id)).models, []);
    const model = await providers.addModel(CUSTOMER, id, { upstreamModel: 'x' });
    const key = { providerId: id, modelId: model.id };
    const version = { ...cost, effectiveFromMs: null, createdBy: null };
    await assert.rejects(providers.addCost(CUSTOMER, key, version), isCode('provider.cost_denied'));
    assert.deepEqual(await providers.listCosts(CUSTOMER, key), []);
  });

  it('never changes once it is recorded', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = await providers.create(OPERATOR, WISH);
    const cost = { inputPerMillion: '1', outputPerMillion: '4' };
    await providers.addModel(OPERATOR, id, { upstreamModel: 'x', cost });

    await assert.rejects(
      sql`update provider_costs set input_pico = 0`.execute(handle.database),
      /never changes/,
    );
  });
});

describe("the master key's turn", () => {
  it('leaves every key readable, and the old master key is needed no more', async () => {
    const { providers, file } = await createProvidersFixture(handle);
    const one = await providers.create(OPERATOR, WISH);
    const two = await providers.create(CUSTOMER, { ...WISH, apiKey: 'sk-of-the-customer' });
    const before = await readFile(file, 'utf8');

    const turned = await providers.rotateMasterKey();

    assert.equal(turned.rewrapped, 2);
    assert.equal((await providers.openKey(one.id)).apiKey, API_KEY);
    assert.equal((await providers.openKey(two.id)).apiKey, 'sk-of-the-customer');
    const [old = ''] = JSON.parse(before).keys;
    assert.equal((await readFile(file, 'utf8')).includes(old), false);
    assert.equal((await providers.rotateMasterKey()).rewrapped, 2);
  });
});
