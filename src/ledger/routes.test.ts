import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertTenant, ownerOf } from '../../test/money.ts';
import { systemClock } from '#platform/clock.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createLedgerInternalRoutes } from './internal-routes.ts';
import { createLedger } from './ledger.ts';
import { createLedgerRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const ledger = createLedger({ database, clock: systemClock, log: silentLog });
const routes = createLedgerRoutes(ledger);
const operatorId = await insertTenant(database, 'operator');
const operator = callAs(ownerOf(operatorId, 'operator'), routes);

async function customerWith(amount: string) {
  const tenantId = await insertTenant(database);
  const credit = { tenantId, amount, idempotencyKey: 'start', note: 'welcome' };
  const given = await operator('/cloud/v1/credits', credit);
  assert.equal(given.status, 201);
  return { tenantId, given, call: callAs(ownerOf(tenantId), routes) };
}

describe('credits', () => {
  it('are given by the operator, once per key, and answer with the entry', async () => {
    const { tenantId, given, call } = await customerWith('12.000000000001');

    const again = await operator('/cloud/v1/credits', {
      tenantId,
      amount: '12.000000000001',
      idempotencyKey: 'start',
      note: 'welcome',
    });

    assert.deepEqual(again.body, given.body);
    assert.deepEqual((await call('/cloud/v1/balance')).body, {
      tenantId,
      currency: 'CNY',
      balance: '12.000000000001',
      held: '0',
      available: '12.000000000001',
    });
  });

  it('are refused under a used key with another amount', async () => {
    const { tenantId } = await customerWith('1');

    const other = await operator('/cloud/v1/credits', {
      tenantId,
      amount: '2',
      idempotencyKey: 'start',
    });

    assert.deepEqual([other.status, other.body.error?.code], [409, 'ledger.key_reused']);
  });

  it('are refused to everyone but the operator, and for amounts that are no money', async () => {
    const { tenantId, call } = await customerWith('1');
    const credit = { tenantId, amount: '5', idempotencyKey: 'mine' };

    const own = await call('/cloud/v1/credits', credit);

    assert.deepEqual([own.status, own.body.error?.code], [403, 'access.denied']);
    for (const amount of ['-5', '0', '1e9', 'NaN', '0.0000000000001', '9'.repeat(13), 5]) {
      const answer = await operator('/cloud/v1/credits', { ...credit, amount });
      assert.equal(answer.status, 400, String(amount));
    }
    const nobody = await operator('/cloud/v1/credits', { ...credit, tenantId: 'ten_nobody' });
    assert.deepEqual([nobody.status, nobody.body.error?.code], [404, 'ledger.tenant_unknown']);
  });
});

describe('another tenant', () => {
  it('cannot be looked at, and does not even seem to exist', async () => {
    const [mine, theirs] = [await customerWith('1'), await customerWith('2')];

    for (const path of ['/cloud/v1/balance', '/cloud/v1/entries']) {
      for (const tenantId of [theirs.tenantId, 'ten_nobody', 'all']) {
        const answer = await mine.call(`${path}?tenantId=${tenantId}`);
        assert.deepEqual([answer.status, answer.body.error?.code], [404, 'ledger.tenant_unknown']);
      }
    }
    const entries = await mine.call('/cloud/v1/entries');
    assert.equal(entries.body.data?.length, 1);
    assert.ok(!JSON.stringify(entries.body).includes(theirs.tenantId));
  });

  it('is open to the operator', async () => {
    const { tenantId } = await customerWith('3');

    const balance = await operator(`/cloud/v1/balance?tenantId=${tenantId}`);

    assert.equal(balance.body['balance'], '3');
  });
});

describe('entries', () => {
  it('come in pages, newest first', async () => {
    const { tenantId, call } = await customerWith('1');
    for (const idempotencyKey of ['b', 'c', 'd']) {
      await operator('/cloud/v1/credits', { tenantId, amount: '1', idempotencyKey });
    }

    const first = await call('/cloud/v1/entries?limit=3');
    const second = await call(`/cloud/v1/entries?limit=3&cursor=${first.body.nextCursor}`);

    const keys = [...(first.body.data ?? []), ...(second.body.data ?? [])].map(({ key }) => key);
    assert.deepEqual(
      keys,
      ['d', 'c', 'b', 'start'].map((key) => `credit/${tenantId}/${key}`),
    );
    assert.equal(second.body.nextCursor, null);
  });
});

describe('leases over HTTP', () => {
  const app = createApi<{ Variables: { requestId: string } }>();
  handleErrors(app, silentLog);
  app.route('/', createLedgerInternalRoutes(ledger));
  const post = async (path: string, body: unknown) => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('open, shrink to what is there, and are released', async () => {
    const { tenantId } = await customerWith('0.000000000010');
    const wanted = { gatewayId: 'gtw_1', tenantId, currency: 'CNY', amountPico: '9' };

    const opened = await post('/internal/v1/leases', { ...wanted, minimumPico: '3' });
    const refused = await post('/internal/v1/leases', { ...wanted, minimumPico: '8' });

    const lease = opened.body['lease'] as { id: string; amountPico: string };
    assert.equal(lease.amountPico, '3');
    assert.equal(opened.body['availablePico'], '7');
    assert.deepEqual(refused.body, {
      lease: null,
      mode: 'strict',
      availablePico: '7',
      stop: null,
    });
    const released = await post(`/internal/v1/leases/${lease.id}/release`, { spentPico: '0' });
    assert.deepEqual(released.body, { id: lease.id, state: 'released' });
  });

  it('refuse amounts that are no money and leases nobody opened', async () => {
    const wanted = { gatewayId: 'gtw_1', tenantId: 'ten_1', currency: 'CNY' };
    for (const amountPico of ['-1', '1.5', 7, '9'.repeat(39)]) {
      assert.equal((await post('/internal/v1/leases', { ...wanted, amountPico })).status, 400);
    }
    assert.equal((await post('/internal/v1/leases/lse_none/release', {})).status, 404);
  });
});
