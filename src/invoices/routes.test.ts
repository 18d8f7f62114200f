/** Who sees and writes which invoices, through the real routes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { parseAmount } from '#ledger/money.ts';
import type { Role } from '#tenancy/api.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createBilling } from './billing-fixture.ts';
import { createInvoiceRoutes } from './routes.ts';

const billing = createBilling(await createTestDatabase());
const { invoices } = billing;
await billing.addTenant('ten_operator', 'operator');
for (const tenantId of ['ten_acme', 'ten_bolt']) {
  await billing.addTenant(tenantId);
  await billing.pay(tenantId, parseAmount('50'));
  await billing.use(tenantId, { line: { priced: 1_000_000n } });
}
billing.at('2026-12-01T12:00:00Z');
const acme = (await invoices.close({ tenantId: 'ten_acme', label: null })).invoice?.id ?? '';
await invoices.close({ tenantId: 'ten_bolt', label: null });
const note = await invoices.credit(acme, {
  amountPico: parseAmount('0.5'),
  reason: 'An outage',
  idempotencyKey: 'outage',
  createdBy: null,
});

async function call(tenantId: string, role: Role, method: string, path: string, body?: unknown) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  const principal: Principal = {
    tenantId,
    tenantKind: tenantId === 'ten_operator' ? 'operator' : 'customer',
    role,
    userId: 'usr_1',
    keyId: null,
    projectId: null,
  };
  app.use(async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createInvoiceRoutes(invoices));
  const response = await app.request(`http://localhost/cloud/v1/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, text: await response.text() };
}

const READS = [
  'invoices',
  'invoices/preview',
  `invoices/${acme}`,
  `invoices/${acme}/requests`,
  'invoices/preview/requests',
  `invoices/${acme}/download?format=json`,
  `credit-notes/${note.id}/download?format=json`,
  'billing-terms',
];

describe('invoices', () => {
  it('are seen by owner, admin and finance of their tenant, and by nobody else in it', async () => {
    for (const path of READS) {
      for (const role of ['owner', 'admin', 'finance'] as const) {
        assert.equal((await call('ten_acme', role, 'GET', path)).status, 200, `${role} ${path}`);
      }
      for (const role of ['developer', 'viewer'] as const) {
        assert.equal((await call('ten_acme', role, 'GET', path)).status, 403, `${role} ${path}`);
      }
    }
  });

  it('are nowhere for another tenant', async () => {
    for (const path of [...READS, 'invoices?tenantId=ten_acme', 'invoices?tenantId=all']) {
      const { status, text } = await call('ten_bolt', 'owner', 'GET', path);
      assert.ok([200, 404].includes(status), `${status} ${path}`);
      assert.ok(!text.includes('ten_acme'), path);
      if (status === 200) assert.ok(!text.includes(acme), path);
    }
  });

  it('are written by the operator alone', async () => {
    const wish = { reason: 'Mine', idempotencyKey: 'mine' };
    for (const [method, path, body] of [
      ['POST', 'invoices/close', { tenantId: 'ten_acme' }],
      ['POST', `invoices/${acme}/credit-notes`, wish],
      ['POST', `invoices/${acme}/uncollectible`, {}],
      ['PATCH', 'billing-terms/ten_acme', { creditLine: '1000000', mode: 'postpaid' }],
    ] as const) {
      assert.equal((await call('ten_acme', 'owner', method, path, body)).status, 403, path);
      const asOperator = await call('ten_operator', 'viewer', method, path, body);
      assert.equal(asOperator.status, 403, path);
    }
    assert.equal((await call('ten_acme', 'owner', 'GET', 'receivables')).status, 403);
    assert.equal((await call('ten_operator', 'owner', 'GET', 'receivables')).status, 200);
    const raised = await call('ten_acme', 'owner', 'PATCH', 'billing-terms', { creditLine: '9' });
    assert.equal(raised.status, 400);
    const named = await call('ten_acme', 'owner', 'PATCH', 'billing-terms', { legalName: 'Acme' });
    assert.equal(named.status, 200);
  });
});

describe('a credit note', () => {
  it('is never over more than is left, and one key makes one', async () => {
    const again = await invoices.credit(acme, {
      amountPico: parseAmount('0.5'),
      reason: 'An outage',
      idempotencyKey: 'outage',
      createdBy: null,
    });
    assert.equal(again.number, note.number);
    const path = `invoices/${acme}/credit-notes`;
    const over = { amount: '1.51', reason: 'Too much', idempotencyKey: 'over' };
    const refused = await call('ten_operator', 'finance', 'POST', path, over);
    assert.match(refused.text, /credit_note.too_large/);
    const rest = { reason: 'The rest', idempotencyKey: 'rest' };
    const credited = await call('ten_operator', 'finance', 'POST', path, rest);
    assert.equal(credited.status, 201, credited.text);
    assert.equal(await billing.balance('ten_acme'), '50');
    assert.deepEqual((await invoices.verify()).findings, []);
    assert.deepEqual(await billing.ledger.verify(), []);
  });
});

describe('a tenant that pays afterwards', () => {
  it('owes its invoice, is warned and restricted as it is late, and free the moment it pays', async () => {
    const tenantId = await billing.addTenant('ten_late');
    await invoices.changeTerms({
      tenantId,
      change: { mode: 'postpaid', creditLine: '100', dueDays: 10 },
      userId: null,
    });
    await billing.use(tenantId, { line: { priced: 10_000_000n } });
    billing.at('2027-01-01T12:00:00Z');
    await invoices.runRound();
    const one = { tenantId, state: null, isOverdue: false, before: null, limit: 1 };
    const [issued] = await invoices.list(one);
    assert.deepEqual([issued?.state, issued?.outstanding], ['open', '20.00']);
    const stepAt = async (time: string) => {
      billing.at(time);
      await invoices.runRound();
      return (await invoices.terms(tenantId)).restriction;
    };
    assert.equal(await stepAt('2027-01-11T12:00:00Z'), null);
    assert.equal(await stepAt('2027-01-13T12:00:00Z'), 'warn');
    assert.equal(await stepAt('2027-01-19T12:00:00Z'), 'restrict');
    assert.equal(await invoices.isFrozen(billing.database, tenantId), true);
    assert.equal(await stepAt('2027-02-12T12:00:00Z'), 'stop');
    assert.deepEqual(await invoices.stopped(), [tenantId]);
    await billing.pay(tenantId, parseAmount('20'));
    assert.deepEqual(await invoices.stopped(), []);
    assert.equal((await invoices.list(one))[0]?.state, 'paid');
    assert.ok(billing.told.some(({ kind }) => kind === 'tenant.restored'));
  });
});
