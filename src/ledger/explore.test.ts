import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertTenant, ownerOf } from '../../test/money.ts';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { createExplorerRoutes } from './explore-routes.ts';
import { createExplorer } from './explore.ts';
import { createLedger } from './ledger.ts';

const { database } = await createTestDatabase();
const ledger = createLedger({ database, clock: systemClock, log: silentLog });
const operatorId = await insertTenant(database, 'operator');
const tenantId = await insertTenant(database);
const routes = createExplorerRoutes(createExplorer(database));
const operator = callAs(ownerOf(operatorId, 'operator'), routes);
const tenant = callAs(ownerOf(tenantId), routes);
const accountId = `tenant/${tenantId}/credit/CNY`;

for (const [index, amountPico] of [5n, 7n, 11n].entries()) {
  const idempotencyKey = `k${index}`;
  await ledger.credit({ tenantId, currency: 'CNY', amountPico, idempotencyKey, note: 'start' });
}

describe('the explorer', () => {
  it('lists accounts with what they hold, and finds them by a part of their name', async () => {
    const { body } = await operator('/cloud/v1/ledger/accounts');
    assert.deepEqual(
      body.data?.map(({ id, balance, floor }) => [id, balance, floor]),
      [
        ['platform/grant/CNY', '-0.000000000023', null],
        [accountId, '0.000000000023', '0'],
      ],
    );
    const page = await operator('/cloud/v1/ledger/accounts?limit=1');
    const next = await operator(
      `/cloud/v1/ledger/accounts?limit=1&cursor=${encodeURIComponent(page.body.nextCursor ?? '')}`,
    );
    assert.equal(next.body.data?.[0]?.['id'], accountId);
    assert.equal(next.body.nextCursor, null);
    for (const query of [
      `search=${tenantId.slice(4, 20)}`,
      'kind=credit',
      `tenantId=${tenantId}`,
    ]) {
      const found = await operator(`/cloud/v1/ledger/accounts?${query}`);
      assert.deepEqual(
        found.body.data?.map(({ id }) => id),
        [accountId],
        query,
      );
    }
    assert.deepEqual((await operator('/cloud/v1/ledger/accounts?search=%25')).body.data, []);
  });

  it('shows what moved an account and what it held after each, over pages', async () => {
    const lines = `/cloud/v1/ledger/account-lines?accountId=${encodeURIComponent(accountId)}`;
    const first = await operator(`${lines}&limit=2`);
    const second = await operator(`${lines}&limit=2&cursor=${first.body.nextCursor}`);
    assert.deepEqual(
      [...(first.body.data ?? []), ...(second.body.data ?? [])].map(({ amount, balance }) => [
        amount,
        balance,
      ]),
      [
        ['0.000000000011', '0.000000000023'],
        ['0.000000000007', '0.000000000012'],
        ['0.000000000005', '0.000000000005'],
      ],
    );
    assert.equal(second.body.nextCursor, null);
  });

  it('shows an entry whole, and says when there is none', async () => {
    const [newest] = await ledger.entries({ tenantId, beforeId: null, limit: 1 });
    const { body } = await operator(`/cloud/v1/ledger/entries/${newest?.id}`);
    assert.deepEqual(body['reference'], { note: 'start' });
    assert.deepEqual(
      (body['postings'] as Record<string, unknown>[]).map((posting) => posting['accountId']),
      [accountId, 'platform/grant/CNY'],
    );
    const none = await operator('/cloud/v1/ledger/entries/999999');
    assert.deepEqual([none.status, none.body.error?.code], [404, 'ledger.entry_unknown']);
  });

  it("is the operator's alone", async () => {
    for (const path of ['accounts', 'account-lines?accountId=platform/grant/CNY', 'entries/1']) {
      assert.equal((await tenant(`/cloud/v1/ledger/${path}`)).status, 403, path);
    }
  });
});
