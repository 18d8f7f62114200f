/** Who may pay, record, give back and see which payments, through the real routes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLedger } from '#ledger/ledger.ts';
import { silentLog } from '#platform/log.ts';
import { createTestVault } from '#notices/notices-fixture.ts';
import { createNotices } from '#notices/notices.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import { type Answer, callerWithKey, createCloud, signIn } from '#tenancy/tenancy-fixture.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createPaymentHooks } from './hook-routes.ts';
import { createPayments } from './payments.ts';
import { createPaymentRoutes } from './routes.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, clock } = cloud;
const { database } = cloud.database;
const vault = await createTestVault(database);
const parts = { database, clock, log: silentLog, vault, publicUrl: 'https://cloud.example' };
const payments = createPayments({
  ...parts,
  ledger: createLedger({ database, clock, log: silentLog }),
  notices: createNotices({ ...parts, mailer: null }),
  tenants: createScopeDirectory(database),
});
app.route('/', createPaymentRoutes(payments));
app.route('/', createPaymentHooks(payments));
const operator = callerWithKey(app, cloud.owner.apiKey);

const PAYMENTS = '/cloud/v1/payments';

async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name, email: `${name}@payments.example` },
  });
  return { tenantId: String(made.body.id), call: await signIn(app, made.body.owner) };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');
await operator('PATCH', `${PAYMENTS}/settings`, { bankDetails: 'Account 123' });
const codeOf = ({ body }: Answer): string => body.error.code;
const record = (tenantId: string, amount: string, idempotencyKey: string) => ({
  tenantId,
  amount,
  receivedOn: '2026-11-20',
  idempotencyKey,
});

describe('payments', () => {
  it('are announced by a tenant, recorded by the operator, and shown to both', async () => {
    const options = await acme.call('GET', `${PAYMENTS}/options`);
    assert.deepEqual(options.body.adapters, ['manual']);
    const made = await acme.call('POST', `${PAYMENTS}/checkout`, { amount: '120' });
    assert.equal(made.status, 201, JSON.stringify(made.body));

    const { id: paymentId } = made.body;
    const { tenantId: _, ...rest } = record('', '120', 'line-1');
    const recorded = await operator('POST', `${PAYMENTS}/record`, { ...rest, paymentId });

    assert.equal(recorded.status, 201, JSON.stringify(recorded.body));
    const [listed] = (await acme.call('GET', PAYMENTS)).body.data;
    assert.deepEqual(listed, recorded.body);
    const all = await operator('GET', `${PAYMENTS}?tenantId=all&state=succeeded`);
    assert.deepEqual(all.body.data, [listed]);
    assert.deepEqual((await operator('GET', PAYMENTS)).body.data, []);
  });

  it('of another tenant do not exist, and only the operator may record, accept, refund and set up', async () => {
    const { body } = await operator(
      'POST',
      `${PAYMENTS}/record`,
      record(acme.tenantId, '30', 'line-2'),
    );
    const path = `${PAYMENTS}/${body.id}`;

    assert.equal(codeOf(await bolt.call('GET', path)), 'payment.unknown');
    assert.deepEqual((await bolt.call('GET', PAYMENTS)).body.data, []);
    for (const tenantId of [acme.tenantId, 'all']) {
      const answer = await bolt.call('GET', `${PAYMENTS}?tenantId=${tenantId}`);
      assert.equal(codeOf(answer), 'payment.unknown');
    }
    const wish = { reason: 'mine', idempotencyKey: 'r' };
    for (const [method, at, what] of [
      ['POST', `${PAYMENTS}/record`, record(acme.tenantId, '1', 'x')],
      ['POST', `${path}/refund`, wish],
      ['POST', `${path}/accept`, undefined],
      ['GET', `${PAYMENTS}/settings`, undefined],
      ['PATCH', `${PAYMENTS}/settings`, { bankDetails: 'Account of a thief' }],
    ] as const) {
      assert.equal(codeOf(await acme.call(method, at, what)), 'access.denied', at);
    }
    assert.equal((await operator('POST', `${path}/refund`, wish)).body.booked, '0');
  });

  it('are for owners and finance', async () => {
    for (const [role, mayRead, mayPay] of [
      ['admin', true, false],
      ['developer', false, false],
      ['viewer', false, false],
    ] as const) {
      const { body } = await acme.call('POST', '/cloud/v1/keys', { name: role, role });
      const key = callerWithKey(app, body.secret);
      assert.equal((await key('GET', PAYMENTS)).status, mayRead ? 200 : 403, role);
      const paid = await key('POST', `${PAYMENTS}/checkout`, { amount: '50' });
      assert.equal(paid.status, mayPay ? 201 : 403, role);
    }
  });

  for (const [what, wish] of [
    ['nothing', {}],
    ['both a sum and an invoice', { amount: '50', invoiceId: 'inv_1' }],
    ['an amount below nothing', { amount: '-50' }],
    ['an amount that is no number', { amount: 'NaN' }],
    ['a way of paying that is none', { amount: '50', adapter: 'barter' }],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const answer = await acme.call('POST', `${PAYMENTS}/checkout`, wish);
      assert.equal(codeOf(answer), 'request.invalid');
    });
  }

  it('hear Stripe without a key, and believe nothing that is not signed', async () => {
    const keys = { secretKey: 'sk_test_12345', webhookSecret: 'whsec_12345' };
    await operator('PATCH', `${PAYMENTS}/settings`, { stripe: keys });
    const answer = await app.request('http://localhost:8080/cloud/hooks/stripe', {
      method: 'POST',
      body: '{"id":"evt_1"}',
      headers: { 'stripe-signature': 't=1,v1=00' },
    });
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(await answer.text()).error.code, 'payment.signature_invalid');
  });
});
