import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertTenant, ownerOf } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import type { PricedModel } from '#pricing/price.ts';
import { createMetering } from './metering.ts';
import { createMeteringRoutes } from './routes.ts';
import type { SettledRecord } from './usage-event.ts';

const { database } = await createTestDatabase();
const clock = createManualClock(Date.UTC(2027, 0, 15, 12));
const ledger = createLedger({ database, clock, log: silentLog });
const operatorId = await insertTenant(database, 'operator');

/** A millionth of the currency per token, in and out. */
const PRICE: PricedModel = {
  priceId: 'prc_1',
  modelId: 'mdl_1',
  currency: 'CNY',
  effectiveFromMs: 0,
  components: [
    { unit: 'token', direction: 'input', amountPico: '1000000', perUnits: 1 },
    { unit: 'token', direction: 'output', amountPico: '1000000', perUnits: 1 },
  ],
};

const metering = createMetering({
  database,
  ledger,
  pricing: { byId: async () => new Map([[PRICE.priceId, PRICE]]) },
  // A third of the price, for what went to a provider.
  costs: {
    costsOf: async (calls) =>
      calls.map(({ deploymentId, usage }) =>
        deploymentId === 'dep_provider'
          ? { costId: 'cst_1', costPico: BigInt(usage.input + usage.output) * 333_333n }
          : null,
      ),
  },
  counts: async () => ({ models: 0, machines: 0, replicasReady: 0 }),
  clock,
  log: silentLog,
});
const routes = createMeteringRoutes({ metering, clock });
const operator = callAs(ownerOf(operatorId, 'operator'), routes);

async function customerWith(...changes: readonly Partial<SettledRecord>[]) {
  const tenantId = await insertTenant(database);
  const admittedAtMs = clock.nowMs();
  const settled = changes.map((change) =>
    settledOf(identityOf({ tenantId, priceId: 'prc_1', admittedAtMs }), change),
  );
  await metering.ingest({ gatewayId: 'gtw_1', segment: 1, fromOffset: 0, toOffset: 1, settled });
  return { tenantId, settled, call: callAs(ownerOf(tenantId), routes) };
}

type Listed = Readonly<Record<string, unknown>> & { requestId: string };
const rowsOf = (body: Readonly<Record<string, unknown>>): Listed[] => body['data'] as Listed[];

describe('the log of requests', () => {
  it('finds them by key, model, outcome, status and cache', async () => {
    const { call } = await customerWith(
      { keyId: 'key_a', status: 200 },
      { keyId: 'key_b', modelName: 'other/model', status: 200, cache: 'hit' },
      { outcome: 'failed', status: 429, errorCode: 'rate_limit_exceeded' },
      { outcome: 'failed', status: 503, queueMs: 1200 },
      { outcome: 'cancelled', status: 499 },
    );
    const count = async (query: string): Promise<number> =>
      rowsOf((await call(`/cloud/v1/usage/events?${query}`)).body).length;

    assert.deepEqual(
      await Promise.all(
        [
          '',
          'keyId=key_a',
          'model=other/model',
          'outcome=failed',
          'status=429',
          'status=4',
          'status=5',
          'cache=hit',
          'cache=miss',
          'keyId=key_b&status=2',
          'keyId=key_a&outcome=failed',
        ].map(count),
      ),
      [5, 1, 1, 2, 1, 2, 1, 1, 0, 1, 0],
    );
    assert.equal((await call('/cloud/v1/usage/events?status=none')).status, 400);
  });

  it('says how long each waited, why it failed and whether the cache answered', async () => {
    const { call, settled } = await customerWith({
      outcome: 'failed',
      status: 503,
      queueMs: 1200,
      errorCode: 'server_is_overloaded',
      cache: 'miss',
    });

    const { body } = await call(`/cloud/v1/usage/events/${settled[0]?.requestId}`);

    assert.deepEqual(
      [
        body['queueMs'],
        body['errorCode'],
        body['cache'],
        body['firstByteMs'],
        body['deploymentId'],
      ],
      [1200, 'server_is_overloaded', 'miss', 40, 'dep_1'],
    );
  });

  it('pages through a filter without losing or repeating any', async () => {
    const { call } = await customerWith(
      ...Array.from({ length: 7 }, (_, index) => ({ status: index % 2 === 0 ? 200 : 400 })),
    );
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await call(`/cloud/v1/usage/events?status=2&limit=2${cursor}`);
      seen.push(...rowsOf(body).map(({ requestId }) => requestId));
      cursor = body['nextCursor'] === null ? '' : `&cursor=${String(body['nextCursor'])}`;
    } while (cursor !== '');

    assert.deepEqual([seen.length, new Set(seen).size], [4, 4]);
  });
});

describe('what calls cost', () => {
  it('stands beside their price for the operator, and nowhere for the tenant', async () => {
    const { tenantId, settled, call } = await customerWith(
      { deploymentId: 'dep_provider' },
      { deploymentId: 'dep_ours' },
    );
    const path = `/cloud/v1/usage/events/${settled[0]?.requestId}`;

    const theirs = await call(path);
    const ours = await operator(`${path}?tenantId=${tenantId}`);
    const free = await operator(
      `/cloud/v1/usage/events/${settled[1]?.requestId}?tenantId=${tenantId}`,
    );
    const report = await operator(`/cloud/v1/usage?tenantId=${tenantId}`);
    const theirReport = await call('/cloud/v1/usage');

    assert.deepEqual(
      [ours.body['amount'], ours.body['cost'], ours.body['margin']],
      ['0.00003', '0.00000999999', '0.00002000001'],
    );
    assert.equal('cost' in free.body, false);
    const total = report.body['total'] as Record<string, unknown>;
    assert.deepEqual(
      [total['amount'], total['cost'], total['margin']],
      ['0.00006', '0.00000999999', '0.00005000001'],
    );
    for (const { body } of [theirs, theirReport]) {
      assert.doesNotMatch(JSON.stringify(body), /"cost"|"margin"/);
    }
  });
});
