/** Who may see, define and buy what, through the real routes; and that tenants are apart. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { type Caller, callerWithKey, createCloud, signIn } from '#tenancy/tenancy-fixture.ts';
import { createBench } from './credits-fixture.ts';
import { createCreditRoutes } from './routes.ts';

const cloud = await createCloud(await createTestDatabase());
const { app } = cloud;
const { credits, ledger, topUp } = createBench(cloud.database.database);
app.route('/', createCreditRoutes(credits));
const operator = callerWithKey(app, cloud.owner.apiKey);

async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name, email: `${name}@credits.example` },
  });
  const owner = await signIn(app, made.body.owner);
  const tenantId = String(made.body.id);
  const as = async (role: string): Promise<Caller> => {
    const { body } = await owner('POST', '/cloud/v1/keys', { name: role, role });
    return callerWithKey(app, body.secret);
  };
  return { tenantId, owner, as };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');
await topUp(acme.tenantId, '1000');

const plan = {
  name: 'Starter',
  price: '49',
  unit: 'token',
  atEnd: 'block',
  windows: [{ period: 'week', allowance: '1000000' }],
};
const made = await operator('POST', '/cloud/v1/plans', plan);
const planId = String(made.body.id);

describe('what the operator defines', () => {
  it('is listed for tenants, and defined by nobody of theirs', async () => {
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { body } = await bolt.owner('GET', '/cloud/v1/plans');
    assert.deepEqual(
      body.data.map(({ name, price }: { name: string; price: string }) => [name, price]),
      [['Starter', '49']],
    );
    for (const [method, path, content] of [
      ['POST', '/cloud/v1/plans', { ...plan, name: 'Mine' }],
      ['DELETE', `/cloud/v1/plans/${planId}`, undefined],
      ['POST', '/cloud/v1/grants', { tenantId: bolt.tenantId, amount: '9', idempotencyKey: 'x' }],
      ['DELETE', '/cloud/v1/grants/grt_x', undefined],
      ['POST', '/cloud/v1/coupons', { code: 'MINE', name: 'x', kind: 'amount', amount: '1' }],
      ['GET', '/cloud/v1/coupons', undefined],
      ['DELETE', '/cloud/v1/coupons/cpn_x', undefined],
      ['PUT', '/cloud/v1/free-quota-rules', { model: 'a/one', units: 5 }],
      ['POST', '/cloud/v1/free-quotas', { tenantId: bolt.tenantId }],
      ['POST', '/cloud/v1/deduction-orders', { steps: [{ source: 'cash' }] }],
      [
        'POST',
        '/cloud/v1/savings-plans',
        { name: 'x', amount: '1', discountPercent: 50, months: 1 },
      ],
      ['DELETE', '/cloud/v1/savings-plans/svp_x', undefined],
    ] as const) {
      const answer = await bolt.owner(method, path, content);
      assert.equal(answer.body.error?.code, 'access.denied', `${method} ${path}`);
    }
  });

  for (const [what, change, code] of [
    ['no window', { windows: [] }, 'request.invalid'],
    [
      'a window twice',
      {
        windows: [
          { period: 'week', allowance: '1' },
          { period: 'week', allowance: '2' },
        ],
      },
      'plan.invalid',
    ],
    ['half a token', { windows: [{ period: 'week', allowance: '1.5' }] }, 'plan.invalid'],
    [
      'an allowance of nothing',
      { windows: [{ period: 'week', allowance: '0' }] },
      'request.invalid',
    ],
    ['a negative price', { price: '-1' }, 'request.invalid'],
    ['a name that is taken', { name: 'Starter' }, 'plan.exists'],
    ['a word that does not exist', { discount: 5 }, 'request.invalid'],
  ] as const) {
    it(`is no plan with ${what}`, async () => {
      const { body } = await operator('POST', '/cloud/v1/plans', {
        ...plan,
        name: what,
        ...change,
      });
      assert.equal(body.error?.code, code, JSON.stringify(body));
    });
  }
});

describe('who buys', () => {
  it('is finance, admin and owner; a developer and a viewer look', async () => {
    const { body: coupon } = await operator('POST', '/cloud/v1/coupons', {
      code: 'WELCOME',
      name: 'Welcome',
      kind: 'amount',
      amount: '10',
    });
    assert.equal(coupon.code, 'WELCOME');
    for (const role of ['developer', 'viewer']) {
      const call = await acme.as(role);
      for (const [method, path, content] of [
        ['POST', '/cloud/v1/subscription', { planId }],
        ['POST', '/cloud/v1/subscription/change', { planId }],
        ['POST', '/cloud/v1/subscription/cancel', {}],
        ['POST', '/cloud/v1/subscription/undo', {}],
        ['POST', '/cloud/v1/coupons/redemptions', { code: 'WELCOME' }],
        ['PUT', '/cloud/v1/credits/settings', { freeQuotaOnly: true }],
        ['POST', '/cloud/v1/savings-plans/svp_x/purchases', { idempotencyKey: 'k' }],
      ] as const) {
        const answer = await call(method, path, content);
        assert.equal(answer.body.error?.code, 'access.denied', `${role} ${method} ${path}`);
      }
      for (const path of ['credits', 'grants', 'plans', 'subscription', 'purchases']) {
        assert.equal((await call('GET', `/cloud/v1/${path}`)).status, 200, `${role} ${path}`);
      }
      const preview = await call('POST', '/cloud/v1/subscription/preview', { planId });
      assert.equal(preview.body.due, '49');
    }
    const buyer = await acme.as('admin');
    assert.equal((await buyer('POST', '/cloud/v1/subscription', { planId })).status, 201);
    const redeemed = await buyer('POST', '/cloud/v1/coupons/redemptions', { code: 'welcome' });
    assert.equal(redeemed.body.grant?.amount, '10', JSON.stringify(redeemed.body));
    assert.equal((await ledger.balance(acme.tenantId)).available, '951');
  });
});

describe('tenants', () => {
  it('see and spend nothing of one another', async () => {
    const { body: own } = await acme.owner('GET', '/cloud/v1/grants');
    assert.ok(own.data.length > 0);
    for (const path of ['credits', 'grants', 'subscription', 'purchases']) {
      const asked = await bolt.owner('GET', `/cloud/v1/${path}?tenantId=${acme.tenantId}`);
      assert.equal(asked.body.error?.code, 'ledger.tenant_unknown', path);
      const all = await bolt.owner('GET', `/cloud/v1/${path}?tenantId=all`);
      assert.equal(all.body.error?.code, 'ledger.tenant_unknown', path);
      const { body } = await bolt.owner('GET', `/cloud/v1/${path}`);
      assert.ok(!JSON.stringify(body).includes(acme.tenantId), path);
    }
    assert.equal((await bolt.owner('GET', '/cloud/v1/subscription')).body.subscription, null);
    const cancelled = await bolt.owner('POST', '/cloud/v1/subscription/cancel', {});
    assert.equal(cancelled.body.error?.code, 'subscription.unknown');
    const { body: mine } = await acme.owner('GET', '/cloud/v1/subscription');
    assert.equal(mine.subscription.endsAtPeriodEnd, false);
  });

  it('are all seen by the operator, who takes a grant back by its tenant', async () => {
    const { body: all } = await operator('GET', '/cloud/v1/grants?tenantId=all');
    const [grant] = all.data;
    assert.equal(grant.tenantId, acme.tenantId);
    const wrong = await operator(
      'DELETE',
      `/cloud/v1/grants/${grant.id}?tenantId=${bolt.tenantId}`,
    );
    assert.equal(wrong.body.error?.code, 'grant.unknown');
    const path = `/cloud/v1/grants/${grant.id}?tenantId=${acme.tenantId}`;
    assert.equal((await operator('DELETE', path)).body.state, 'revoked');
    assert.equal((await operator('DELETE', path)).body.error?.code, 'grant.ended');
  });

  it('that are made get the free quotas of the rules, in the same transaction', async () => {
    const rules = await operator('PUT', '/cloud/v1/free-quota-rules', {
      model: 'a/one',
      units: 1_000_000,
      validDays: 90,
    });
    assert.equal(rules.body.data[0].units, 1_000_000);
    const given = await operator('POST', '/cloud/v1/free-quotas', { tenantId: bolt.tenantId });
    assert.deepEqual(
      given.body.data.map(({ model, units }: { model: string; units: number }) => [model, units]),
      [['a/one', 1_000_000]],
    );
    await bolt.owner('PUT', '/cloud/v1/credits/settings', { freeQuotaOnly: true });
    const { body } = await bolt.owner('GET', '/cloud/v1/credits');
    assert.equal(body.freeQuotaOnly, true);
    const { body: other } = await acme.owner('GET', '/cloud/v1/credits');
    assert.deepEqual([other.freeQuotaOnly, other.freeQuotas.length], [false, 0]);
  });
});
