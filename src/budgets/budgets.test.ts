/** Budgets through the real routes, over real roll-ups. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { PICO_PER_UNIT } from '#ledger/money.ts';
import { createLimitRoutes } from '#limits/routes.ts';
import { createLimits } from '#limits/limits.ts';
import { readRollup } from '#metering/report.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createTestVault } from '#notices/notices-fixture.ts';
import { createNotices } from '#notices/notices.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import { type Answer, callerWithKey, createCloud, signIn } from '#tenancy/tenancy-fixture.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createBudgets } from './budgets.ts';
import { createBudgetRoutes } from './routes.ts';
import { HOUR_MS } from './span.ts';
import { lastCompleteHour } from './watch.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, clock } = cloud;
const { database } = cloud.database;
const vault = await createTestVault(database);
const names = createScopeDirectory(database);
const limits = createLimits({ database, clock, names });
const told = { database, clock, log: silentLog, vault, publicUrl: 'https://cloud.example' };
const notices = createNotices({ ...told, mailer: null });
const parts = { database, clock, log: silentLog, notices, limits, names };
const rollup = (query: Parameters<typeof readRollup>[1]) => readRollup(database, query);
const budgets = createBudgets({ ...parts, rollup });
const other = createBudgets({ ...parts, rollup });
app.route('/', createBudgetRoutes(budgets));
app.route('/', createLimitRoutes(limits));
const operator = callerWithKey(app, cloud.owner.apiKey);

const BUDGETS = '/cloud/v1/budgets';
const codeOf = ({ body }: Answer): string => body.error.code;

async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name, email: `${name}@budgets.example` },
  });
  const call = await signIn(app, made.body.owner);
  const projects = await call('GET', '/cloud/v1/projects');
  const keys = [];
  for (const each of ['one', 'two']) {
    keys.push((await call('POST', '/cloud/v1/keys', { name: each, role: 'owner' })).body);
  }
  const projectId = String(projects.body.data[0].id);
  return { tenantId: String(made.body.id), call, projectId, keys };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');

type Spend = Readonly<{ tenantId: string; projectId: string; keyId: string; model?: string }>;

async function spend(of: Spend, atMs: number, units: number): Promise<void> {
  const hour = new Date(Math.floor(atMs / HOUR_MS) * HOUR_MS);
  const pico = (BigInt(Math.round(units * 100)) * PICO_PER_UNIT) / 100n;
  await sql`insert into usage_hourly (tenant_id, hour, group_id, project_id, key_id, model_id,
      model_name, service_tier, rated_by, region, currency, is_correction, calls, input_tokens,
      cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, amount_pico, cost_pico, author_pico)
    values (${of.tenantId}, ${hour}, ${randomUUID()}, ${of.projectId}, ${of.keyId}, 'mdl_1',
      ${of.model ?? 'tiny'}, 'default', 'usage', '', 'CNY', false, 1, 1, 0, 0, 0, 1, 0,
      ${pico.toString()}::numeric, 0, 0)`.execute(database);
}

const of = (customer: typeof acme, key = 0, model = 'tiny'): Spend => ({
  tenantId: customer.tenantId,
  projectId: customer.projectId,
  keyId: customer.keys[key].id,
  model,
});

async function toldTo(tenantId: string, kind: string): Promise<Record<string, unknown>[]> {
  const { rows } = await sql<{ data: Record<string, unknown> }>`select data from notices
    where tenant_id = ${tenantId} and kind = ${kind} order by created_at, id`.execute(database);
  return rows.map(({ data }) => data);
}

const nowMs = clock.nowMs();
await spend(of(acme, 0, 'tiny'), nowMs, 30);
await spend(of(acme, 1, 'large'), nowMs, 15);
await spend(of(bolt), nowMs, 500);

describe('budgets', () => {
  it('count what their tenant, project, key, model or tag spent, and nothing of others', async () => {
    const [one, two] = acme.keys;
    await acme.call('PUT', `/cloud/v1/tags/key/${two.id}`, { tags: ['search', 'nightly'] });
    const levels = [
      ['tenant', undefined, '45'],
      ['project', acme.projectId, '45'],
      ['key', one.id, '30'],
      ['model', 'large', '15'],
      ['tag', 'search', '15'],
      ['tag', 'nobody', '0'],
    ] as const;
    for (const [level, scopeId, spent] of levels) {
      const made = await acme.call('POST', BUDGETS, { name: level, level, scopeId, amount: '60' });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.equal(made.body.spent, spent, level);
      await acme.call('DELETE', `${BUDGETS}/${made.body.id}`);
    }
  });

  it('say once a period that a threshold is reached, whoever looks, and the highest only', async () => {
    const wish = { name: 'All', level: 'tenant', amount: '50', thresholds: [10, 50, 80, 100] };
    const { body } = await acme.call('POST', BUDGETS, wish);
    await Promise.all([budgets.check(), other.check()]);
    clock.advance(61_000);
    await budgets.check();
    const first = await toldTo(acme.tenantId, 'budget.reached');
    assert.deepEqual(
      first.map(({ percent, spent, budget }) => [percent, spent, budget]),
      [[80, '45', 'All']],
    );

    await spend(of(acme), clock.nowMs(), 10);
    clock.advance(61_000);
    await Promise.all([budgets.check(), other.check()]);

    const after = await toldTo(acme.tenantId, 'budget.reached');
    assert.deepEqual(
      after.map(({ percent }) => percent),
      [80, 100],
    );
    assert.deepEqual(await toldTo(bolt.tenantId, 'budget.reached'), []);
    await acme.call('DELETE', `${BUDGETS}/${body.id}`);
  });

  it('foretell the end of the period once enough is known, and say what that rests on', async () => {
    const customer = await createCustomer('steady');
    const hour = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS;
    const made = await customer.call('POST', BUDGETS, {
      name: 'Month',
      level: 'tenant',
      amount: '10',
      forecastThresholds: [100],
    });
    assert.deepEqual([made.body.forecast, made.body.basis], [null, 'none']);
    for (let back = 1; back <= 48; back += 1) await spend(of(customer), hour - back * HOUR_MS, 1);
    clock.advance(61_000);
    await budgets.check();

    const { body } = await customer.call('GET', `${BUDGETS}/${made.body.id}/forecast`);

    assert.equal(body.budget.basis, 'days');
    const last = body.points.at(-1);
    assert.equal(last.amount, body.budget.forecast);
    assert.equal(new Date(last.at).toISOString(), body.budget.periodEnd);
    const amounts = body.points.map((point: { amount: string }) => Number(point.amount));
    assert.deepEqual(
      amounts,
      amounts.toSorted((a: number, b: number) => a - b),
    );
  });

  it('that stop set the limit that gateways keep, and leave the rest of it as it was', async () => {
    const path = `/cloud/v1/limits/project/${acme.projectId}`;
    await acme.call('PUT', path, { requestsPerMinute: 60 });
    const wish = { name: 'Stop', level: 'project', scopeId: acme.projectId, amount: '70' };
    const made = await acme.call('POST', BUDGETS, { ...wish, stops: true });
    assert.equal(made.status, 201, JSON.stringify(made.body));

    const { data } = (await acme.call('GET', '/cloud/v1/limits')).body;
    const [limit] = data;
    assert.deepEqual([limit.monthlyBudget, limit.requestsPerMinute], ['70', 60]);
    const weekly = { ...wish, period: 'week', stops: true };
    assert.equal(codeOf(await acme.call('POST', BUDGETS, weekly)), 'budget.stop_impossible');
  });

  for (const [what, wish, code] of [
    [
      'a project that is not theirs',
      { level: 'project', scopeId: 'prj_x' },
      'budget.scope_unknown',
    ],
    ['another tenant', { level: 'tenant', scopeId: 'ten_x' }, 'budget.scope_unknown'],
    ['nothing', { amount: '0' }, 'budget.amount_invalid'],
    ['less than nothing', { amount: '-5' }, 'request.invalid'],
    ['a zone on another planet', { timeZone: 'Mars/Olympus' }, 'budget.time_zone_invalid'],
    ['a threshold of nothing', { thresholds: [0] }, 'request.invalid'],
  ] as const) {
    it(`are not for ${what}`, async () => {
      const answer = await acme.call('POST', BUDGETS, {
        name: 'Wrong',
        level: 'tenant',
        amount: '10',
        ...wish,
      });
      assert.equal(codeOf(answer), code);
    });
  }

  it('of another tenant do not exist, and roles decide who changes them', async () => {
    const { body } = await acme.call('POST', BUDGETS, {
      name: 'Mine',
      level: 'tenant',
      amount: '9',
    });
    const path = `${BUDGETS}/${body.id}`;
    const wish = { name: 'Yours', level: 'tenant', amount: '1' };

    for (const stranger of [bolt.call, operator]) {
      const listed = await stranger('GET', BUDGETS);
      assert.equal(JSON.stringify(listed.body).includes(body.id), false);
      assert.equal(codeOf(await stranger('PUT', path, wish)), 'budget.unknown');
      assert.equal(codeOf(await stranger('DELETE', path)), 'budget.unknown');
      assert.equal(codeOf(await stranger('GET', `${path}/forecast`)), 'budget.unknown');
    }
    const tagged = await bolt.call('PUT', `/cloud/v1/tags/key/${acme.keys[0].id}`, { tags: ['x'] });
    assert.equal(codeOf(tagged), 'budget.scope_unknown');
    assert.deepEqual((await bolt.call('GET', '/cloud/v1/tags')).body.data, []);
    for (const [role, may] of [
      ['viewer', 403],
      ['developer', 403],
    ] as const) {
      const { body: made } = await acme.call('POST', '/cloud/v1/keys', { name: role, role });
      const key = callerWithKey(app, made.secret);
      assert.equal((await key('GET', BUDGETS)).status, 200);
      assert.equal((await key('POST', BUDGETS, wish)).status, may, role);
    }
  });

  it('of the whole tenant are not seen by a key of one project', async () => {
    const key = callerWithKey(app, acme.keys[0].secret);
    const { data } = (await key('GET', BUDGETS)).body;
    assert.ok(data.every(({ level }: { level: string }) => ['project', 'key'].includes(level)));
    const wish = { name: 'All', level: 'tenant', amount: '5' };
    assert.equal(codeOf(await key('POST', BUDGETS, wish)), 'budget.scope_unknown');
  });
});

it('an hour far above the same hours before is told once', async () => {
  const customer = await createCustomer('spiky');
  const hour = lastCompleteHour(clock.nowMs());
  for (let week = 1; week <= 6; week += 1) {
    await spend(of(customer), hour - week * 168 * HOUR_MS, 10);
  }
  await spend(of(customer), hour, 200);

  await Promise.all([budgets.checkHour(), other.checkHour()]);

  const told = await toldTo(customer.tenantId, 'spend.anomaly');
  assert.deepEqual(
    told.map(({ spent, usual, scope }) => [spent, usual, scope]),
    [['200', '10', 'spiky']],
  );
  assert.deepEqual(await toldTo(acme.tenantId, 'spend.anomaly'), []);
});
