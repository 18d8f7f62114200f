import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertModel, insertTenant, ownerOf } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createExplorer } from '#ledger/explore.ts';
import { createLedger } from '#ledger/ledger.ts';
import { createMetering } from '#metering/metering.ts';
import type { SettledRecord } from '#metering/usage-event.ts';
import type { NoticeData } from '#notices/kinds.ts';
import { renderMail } from '#notices/mail.ts';
import { createSend } from '#notices/send.ts';
import { createAnnouncer } from '#pricing/announce.ts';
import { createPricing } from '#pricing/pricing.ts';
import { readCurrency } from '#tenancy/currency.ts';
import { replaceTags } from '#tenancy/tags.ts';
import type { Spend, SpendingSummary } from './api.ts';
import { createFinance } from './finance.ts';
import { createFinanceRoutes } from './routes.ts';

const DAY_MS = 24 * 60 * 60_000;

const { database } = await createTestDatabase();
/** Noon UTC on the 20th of a month of 31 days. */
const clock = createManualClock(Date.UTC(2027, 0, 20, 12));
const ledger = createLedger({ database, clock, log: silentLog });
const operatorId = await insertTenant(database, 'operator');
const model = await insertModel(database, operatorId);
const models = { find: async () => model, list: async () => [model] };
const pricing = createPricing({ database, models, clock, log: silentLog });
const { id: priceId } = await pricing.publish(
  { tenantId: operatorId, isOperator: true },
  {
    model: model.name,
    currency: 'CNY',
    effectiveFromMs: null,
    inputPerMillion: '100000',
    cacheReadPerMillion: null,
    outputPerMillion: '0',
    reasoningPerMillion: null,
    createdBy: null,
  },
);
const metering = createMetering({
  database,
  ledger,
  pricing,
  counts: async () => ({ models: 1, machines: 1, replicasReady: 1 }),
  clock,
  log: silentLog,
});
const explorer = createExplorer(database);
const finance = createFinance({
  metering,
  ledger,
  explorer,
  currencyOf: (tenantId) => readCurrency(database, tenantId),
  clock,
});
const routes = createFinanceRoutes({ finance, clock });
const operator = callAs(ownerOf(operatorId, 'operator'), routes);

let keys = 0;
async function insertKeyOf(tenantId: string, tags: readonly string[]): Promise<string> {
  keys += 1;
  const [projectId, id] = [`prj_of_${tenantId}`, `key_tagged_${keys}`];
  await sql`insert into projects (id, tenant_id, name) values (${projectId}, ${tenantId}, 'one')
    on conflict do nothing`.execute(database);
  await sql`insert into keys (tenant_id, id, project_id, kind, name, hint, role, secret_sha256)
    values (${tenantId}, ${id}, ${projectId}, 'api', ${id}, '', 'developer',
      ${createHash('sha256').update(id).digest()})`.execute(database);
  await replaceTags(database, { tenantId, level: 'key', scopeId: id, tags });
  return id;
}

/** Ten input tokens: 1 CNY. */
async function call(tenantId: string, changes: Partial<SettledRecord> = {}, backMs = 0) {
  const admittedAtMs = clock.nowMs() - backMs;
  const identity = identityOf({ tenantId, modelId: model.id, priceId, admittedAtMs });
  const settled = [settledOf(identity, { settledAtMs: admittedAtMs, ...changes })];
  await metering.ingest({ gatewayId: 'gtw_1', segment: 1, fromOffset: 0, toOffset: 1, settled });
  return identity.requestId;
}

async function customer(amount: bigint) {
  const tenantId = await insertTenant(database);
  const credit = { tenantId, currency: 'CNY', idempotencyKey: 'start', note: '' };
  await ledger.credit({ ...credit, amountPico: amount * 10n ** 12n });
  const get = callAs(ownerOf(tenantId), routes);
  return { tenantId, get };
}

const groups = ({ buckets }: Spend) => buckets.map(({ group, amount }) => [group, amount]);

describe('spend', () => {
  it('sums by model, key, project and source, and by day', async () => {
    const { tenantId, get } = await customer(100n);
    await call(tenantId);
    await call(tenantId, { keyId: 'key_2', projectId: 'prj_2' });
    await call(tenantId, { keyId: 'key_2' }, DAY_MS);
    const by = async (query: string): Promise<Spend> =>
      (await get(`/cloud/v1/spend?${query}`)).body as unknown as Spend;

    assert.deepEqual(groups(await by('interval=none&groupBy=model')), [['flywheel/tiny', '3']]);
    assert.deepEqual(groups(await by('interval=none&groupBy=key')), [
      ['key_1', '1'],
      ['key_2', '2'],
    ]);
    assert.deepEqual(groups(await by('interval=none&groupBy=project&keyId=key_2')), [
      ['prj_1', '1'],
      ['prj_2', '1'],
    ]);
    assert.deepEqual(groups(await by('interval=none&groupBy=source')), [['cash', '3']]);
    const days = await by('interval=day');
    assert.deepEqual(
      days.buckets.map(({ start, amount, calls }) => [start.slice(0, 10), amount, calls]),
      [
        ['2027-01-19', '1', 1],
        ['2027-01-20', '2', 2],
      ],
    );
    assert.equal(days.total.amount, '3');
    assert.equal(days.total.cost, undefined);
  });

  it('sums what is used beside tokens, and goes by tags', async () => {
    const { tenantId, get } = await customer(100n);
    const keyId = await insertKeyOf(tenantId, ['search', 'nightly']);
    const plainKeyId = await insertKeyOf(tenantId, []);
    const units = [{ unit: 'second', direction: 'input', count: 12_500 }] as const;
    await call(tenantId, { keyId, units });
    await call(
      tenantId,
      { keyId, units: [...units, { unit: 'image', direction: 'output', count: 2 }] },
      DAY_MS,
    );
    await call(tenantId, { keyId: plainKeyId });
    const by = async (query: string): Promise<Spend> =>
      (await get(`/cloud/v1/spend?${query}`)).body as unknown as Spend;

    const seconds = { unit: 'second', direction: 'input', amount: 25 };
    const images = { unit: 'image', direction: 'output', amount: 2 };
    const tags = await by('interval=none&groupBy=tag');
    assert.deepEqual(groups(tags), [
      ['nightly', '2'],
      ['search', '2'],
      [null, '1'],
    ]);
    assert.deepEqual([tags.total.amount, tags.total.calls], ['3', 3]);
    assert.deepEqual(tags.buckets[0]?.units, [images, seconds]);
    const days = await by('interval=day&tag=search');
    assert.deepEqual(
      days.buckets.map((day) => day.units.length),
      [2, 1],
    );
    assert.deepEqual(
      days.total.units.toSorted((a, b) => (a.unit < b.unit ? -1 : 1)),
      [images, seconds],
    );
    assert.equal((await by('tag=nothing')).total.calls, 0);
    const report = await metering.report({
      scope: { tenantId, projectId: null },
      range: { fromMs: clock.nowMs() - 7 * DAY_MS, toMs: clock.nowMs() + 1 },
      interval: 'day',
      groupBy: 'none',
      tag: 'nightly',
      showsCost: false,
    });
    assert.deepEqual(report.total.units, [images, seconds]);
    assert.deepEqual((await metering.verify()).findings, []);
  });

  it('is refused over ranges that nobody can read, and for keys where keys are not kept', async () => {
    const { get } = await customer(1n);
    for (const [query, code] of [
      ['from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z', 'finance.range_invalid'],
      ['from=2020-01-01T00:00:00Z&interval=hour', 'finance.range_invalid'],
      ['groupBy=source&keyId=key_1', 'finance.filter_invalid'],
    ]) {
      const { status, body } = await get(`/cloud/v1/spend?${query}`);
      assert.deepEqual([status, body.error?.code], [400, code]);
    }
  });

  it('is of one tenant; the operator sees all, with cost and margin', async () => {
    const { tenantId, get } = await customer(100n);
    await call(tenantId);
    const other = await customer(1n);
    for (const asked of [tenantId, 'all', 'ten_nobody']) {
      const { status, body } = await other.get(`/cloud/v1/spend?tenantId=${asked}`);
      assert.deepEqual([status, body.error?.code], [404, 'ledger.tenant_unknown']);
      assert.equal((await other.get(`/cloud/v1/spending-summary?tenantId=${asked}`)).status, 404);
    }
    const mine = (await other.get('/cloud/v1/spend')).body as unknown as Spend;
    assert.equal(mine.total.calls, 0);
    assert.equal((await get('/cloud/v1/ledger/find?q=1')).status, 403);

    const { body } = await operator('/cloud/v1/spend?tenantId=all&groupBy=tenant&interval=none');
    const all = body as unknown as Spend;
    const theirs = all.buckets.find(({ group }) => group === tenantId);
    assert.deepEqual(
      [theirs?.amount, theirs?.cost, theirs?.authorShare, theirs?.margin],
      ['1', '0', '0', '1'],
    );
  });
});

describe('the summary', () => {
  it('says how long the money lasts, and where the month ends', async () => {
    const { tenantId, get } = await customer(100n);
    for (let day = 0; day < 8; day += 1) await call(tenantId, {}, day * DAY_MS);
    await call(tenantId, {}, 25 * DAY_MS);
    const beginner = await customer(10n);
    await call(beginner.tenantId, {}, 1.5 * DAY_MS);

    const summary = (await get('/cloud/v1/spending-summary')).body as unknown as SpendingSummary;

    // Of the eight daily calls of 1 CNY, seven lie within the seven days.
    assert.deepEqual(summary.burn, { perDay: '1', days: 7 });
    assert.equal(summary.available, '91');
    assert.equal(summary.daysLeft, 91);
    assert.equal(summary.thisMonth, '8');
    assert.equal(summary.lastMonth, '1');
    assert.deepEqual(summary.sources, [{ source: 'cash', amount: '8' }]);
    assert.equal(summary.forecast, '19.5');
    const { body } = await beginner.get('/cloud/v1/spending-summary');
    assert.deepEqual(body['burn'], { perDay: '0.5', days: 2 });
  });

  it('is calm where nothing was spent', async () => {
    const { get } = await customer(5n);
    const summary = (await get('/cloud/v1/spending-summary')).body as unknown as SpendingSummary;
    assert.deepEqual(
      [summary.daysLeft, summary.forecast, summary.thisMonth, summary.sources],
      [null, '0', '0', []],
    );
  });
});

describe('a tenant that pays in dollars', () => {
  it('is given, charged and shown dollars, and never yuan', async () => {
    const dollarPrice = await pricing.publish(
      { tenantId: operatorId, isOperator: true },
      {
        model: model.name,
        currency: 'USD',
        effectiveFromMs: null,
        inputPerMillion: '15000',
        cacheReadPerMillion: null,
        outputPerMillion: '0',
        reasoningPerMillion: null,
        createdBy: null,
      },
    );
    const tenantId = await insertTenant(database, 'customer', 'USD');
    const get = callAs(ownerOf(tenantId), routes);
    const credit = { tenantId, amountPico: 10n * 10n ** 12n, idempotencyKey: 'start', note: '' };
    await assert.rejects(ledger.credit({ ...credit, currency: 'CNY' }), {
      code: 'ledger.currency_differs',
    });
    await ledger.credit(credit);
    await call(tenantId, { priceId: dollarPrice.id });
    await call(tenantId, { priceId: null });

    const spend = (await get('/cloud/v1/spend?interval=none')).body as unknown as Spend;
    assert.deepEqual([spend.currency, spend.total.amount, spend.total.calls], ['USD', '0.15', 2]);
    const summary = (await get('/cloud/v1/spending-summary')).body as unknown as SpendingSummary;
    assert.deepEqual([summary.currency, summary.available], ['USD', '9.85']);
    const all = '/cloud/v1/spend?tenantId=all&interval=none&groupBy=tenant';
    const dollars = (await operator(`${all}&currency=USD`)).body as unknown as Spend;
    assert.deepEqual(groups(dollars), [[tenantId, '0.15']]);
    // A key is bound to a project of its own tenant, and other tenants have none of it.
    const keyed = { ...ownerOf(operatorId, 'operator'), userId: null, keyId: 'key_op' };
    const asKey = callAs({ ...keyed, projectId: 'prj_op' }, routes);
    const seen = (await asKey(`${all}&currency=USD`)).body as unknown as Spend;
    assert.deepEqual(groups(seen), [[tenantId, '0.15']]);
    const yuan = (await operator(all)).body as unknown as Spend;
    assert.equal(yuan.currency, 'CNY');
    assert.ok(yuan.buckets.every(({ group }) => group !== tenantId));
  });
});

describe('a new price', () => {
  it('is told to who called the model in its currency, once, in both languages', async () => {
    const { tenantId } = await customer(1n);
    await call(tenantId);
    const idle = await customer(1n);
    const long = await customer(1n);
    await call(long.tenantId, {}, 40 * DAY_MS);
    const { callersOf } = metering;
    const outbox = { send: createSend({ clock, sendsMail: true }) };
    const announcer = createAnnouncer({ database, outbox, callersOf, clock, log: silentLog });
    await announcer.tick();
    clock.advance(1000);
    const { id } = await pricing.publish(
      { tenantId: operatorId, isOperator: true },
      {
        model: model.name,
        currency: 'CNY',
        effectiveFromMs: clock.nowMs() + DAY_MS,
        inputPerMillion: '2',
        cacheReadPerMillion: null,
        outputPerMillion: '8',
        reasoningPerMillion: null,
        createdBy: null,
      },
    );

    assert.ok((await announcer.tick()) > 0);

    assert.equal(await announcer.tick(), 0);
    const { rows } = await sql<{ tenantId: string; data: NoticeData }>`
      select tenant_id as "tenantId", data from notices
      where kind = 'price.published' and key = ${id}`.execute(database);
    const told = rows.map((row) => row.tenantId);
    assert.deepEqual([told.includes(tenantId), told.includes(idle.tenantId)], [true, false]);
    assert.equal(told.includes(long.tenantId), false);
    const data = rows[0]?.data ?? {};
    const letter = (locale: string) =>
      renderMail({ kind: 'price.published', data }, { locale, publicUrl: 'https://cloud.example' });
    assert.equal(letter('en')?.subject, 'A new price of flywheel/tiny');
    assert.match(letter('en')?.text ?? '', /A million tokens: 2 CNY in, 8 CNY out\./);
    assert.match(letter('zh-CN')?.text ?? '', /自 2027-01-21（UTC）起，flywheel\/tiny 执行新价格/);
  });
});

describe('what is looked for in the ledger', () => {
  it('is found by entry, key, request and account', async () => {
    const { tenantId } = await customer(100n);
    const requestId = await call(tenantId);
    const find = async (text: string) =>
      (await operator(`/cloud/v1/ledger/find?q=${encodeURIComponent(text)}`)).body.data ?? [];

    const [request] = await find(requestId);
    assert.deepEqual([request?.['kind'], request?.['text']], ['request', 'flywheel/tiny']);
    const entryId = String(request?.['entryId']);
    for (const text of [entryId, `#${entryId}`]) {
      assert.deepEqual(
        (await find(text)).slice(0, 1).map(({ kind, id }) => [kind, id]),
        [['entry', entryId]],
        text,
      );
    }
    const { key } = await explorer.entry(Number(entryId));
    assert.equal((await find(key))[0]?.['id'], entryId);
    assert.deepEqual(
      (await find(tenantId)).map(({ kind, id }) => [kind, id]),
      [['account', `tenant/${tenantId}/credit/CNY`]],
    );
    assert.deepEqual(await find('nothing like it'), []);
  });
});
