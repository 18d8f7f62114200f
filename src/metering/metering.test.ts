import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertModel, insertTenant, ownerOf } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createMetering } from './metering.ts';
import { createMeteringRoutes } from './routes.ts';
import type { SettledRecord } from './usage-event.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const { database } = await createTestDatabase();
/** Noon UTC, so that hours before and after lie in the same day. */
const clock = createManualClock(Date.UTC(2027, 0, 15, 12));
const ledger = createLedger({ database, clock, log: silentLog });
const operatorId = await insertTenant(database, 'operator');
const model = await insertModel(database, operatorId);
const pricing = createPricing({
  database,
  models: { find: async () => model, list: async () => [model] },
  clock,
  log: silentLog,
});
const { id: priceId } = await pricing.publish(
  { tenantId: operatorId, isOperator: true },
  {
    model: model.name,
    currency: 'CNY',
    effectiveFromMs: null,
    inputPerMillion: '1',
    cacheReadPerMillion: '0.1',
    outputPerMillion: '2',
    reasoningPerMillion: null,
    createdBy: null,
  },
);
const metering = createMetering({
  database,
  ledger,
  pricing,
  counts: async (tenantId) => ({
    models: tenantId === null ? 3 : 1,
    machines: 2,
    replicasReady: 1,
  }),
  clock,
  log: silentLog,
});
const routes = createMeteringRoutes({ metering, clock });
const operator = callAs(ownerOf(operatorId, 'operator'), routes);

/** 10 input and 20 output tokens: 0.00005 CNY. */
const ONE_EVENT = '0.00005';

function event(tenantId: string, changes: Partial<SettledRecord> = {}): SettledRecord {
  const admittedAtMs = clock.nowMs();
  const identity = identityOf({ tenantId, modelId: model.id, priceId, admittedAtMs });
  return settledOf(identity, changes);
}

function ship(...settled: SettledRecord[]) {
  return metering.ingest({ gatewayId: 'gtw_1', segment: 1, fromOffset: 0, toOffset: 1, settled });
}

async function customer() {
  const tenantId = await insertTenant(database);
  return { tenantId, call: callAs(ownerOf(tenantId), routes) };
}

describe('the usage report', () => {
  it('sums by hour or day and by what is asked, and its buckets add up to its total', async () => {
    const { tenantId, call } = await customer();
    const usage = { input: 1, cacheRead: 4, cacheWrite: 0, output: 2, reasoning: 3 };
    await ship(
      event(tenantId),
      event(tenantId, { keyId: 'key_2', settledAtMs: clock.nowMs() - HOUR_MS }),
      event(tenantId, { keyId: 'key_2', usage, settledAtMs: clock.nowMs() - 30 * HOUR_MS }),
    );

    const hours = await call('/cloud/v1/usage?interval=hour&groupBy=key');
    const days = await call('/cloud/v1/usage?interval=day');

    assert.deepEqual(
      (hours.body['buckets'] as { group: string; calls: number; amount: string }[]).map(
        ({ group, calls, amount }) => [group, calls, amount],
      ),
      [
        ['key_2', 1, '0.0000114'],
        ['key_2', 1, ONE_EVENT],
        ['key_1', 1, ONE_EVENT],
      ],
    );
    assert.deepEqual(
      (days.body['buckets'] as { start: string; calls: number }[]).map(({ start, calls }) => [
        start,
        calls,
      ]),
      [
        ['2027-01-14T00:00:00.000Z', 1],
        ['2027-01-15T00:00:00.000Z', 2],
      ],
    );
    assert.deepEqual(hours.body['total'], {
      calls: 3,
      inputTokens: 21,
      cacheReadTokens: 4,
      outputTokens: 42,
      reasoningTokens: 3,
      units: [],
      amount: '0.0001114',
      currency: 'CNY',
    });
    assert.deepEqual(days.body['total'], hours.body['total']);
  });

  it('refuses ranges that end before they begin or scan a year of hours', async () => {
    const { call } = await customer();
    for (const query of [
      'from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z',
      'from=2026-01-01T00:00:00Z&interval=hour',
      'from=2020-01-01T00:00:00Z',
    ]) {
      const { status, body } = await call(`/cloud/v1/usage?${query}`);
      assert.deepEqual([status, body.error?.code], [400, 'usage.range_invalid']);
    }
    assert.equal((await call('/cloud/v1/usage?from=yesterday')).status, 400);
  });
});

describe('usage events', () => {
  it('come in pages, newest first, each once, also where many were settled together', async () => {
    const { tenantId, call } = await customer();
    const events = Array.from({ length: 7 }, () => event(tenantId));
    await ship(...events, event(tenantId, { settledAtMs: clock.nowMs() + 5 }));

    const seen: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 5; page += 1) {
      const { body } = await call(`/cloud/v1/usage/events?limit=3${cursor}`);
      seen.push(...(body.data ?? []).map(({ requestId }) => requestId));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor ?? '')}`;
    }

    assert.equal(seen.length, 8);
    assert.equal(new Set(seen).size, 8);
    assert.equal((await call('/cloud/v1/usage/events?cursor=nonsense')).status, 400);
  });

  it('can be read by request id with what they cost, and are 404 until they arrive', async () => {
    const { tenantId, call } = await customer();
    const one = event(tenantId);
    const path = `/cloud/v1/usage/events/${one.requestId}`;
    const before = await call(path);
    await ship(one);

    const { status, body } = await call(path);

    assert.deepEqual([before.status, before.body.error?.code], [404, 'usage.unknown']);
    assert.equal(status, 200);
    assert.deepEqual(
      [body['amount'], body['firstByteMs'], body['durationMs'], body['outcome']],
      [ONE_EVENT, 40, 1000, 'finished'],
    );
    assert.equal(typeof body['entryId'], 'number');
  });
});

describe('another tenant', () => {
  it('sees nothing of it in any route', async () => {
    const [mine, theirs] = [await customer(), await customer()];
    const secret = event(theirs.tenantId, { modelName: 'secret/model' });
    await ship(secret);

    const answers = await Promise.all(
      [
        '/cloud/v1/usage?groupBy=model',
        '/cloud/v1/usage/events',
        `/cloud/v1/usage/events/${secret.requestId}`,
        '/cloud/v1/overview',
        ...[theirs.tenantId, 'all'].flatMap((tenantId) => [
          `/cloud/v1/usage?tenantId=${tenantId}`,
          `/cloud/v1/usage/events?tenantId=${tenantId}`,
          `/cloud/v1/usage/events/${secret.requestId}?tenantId=${tenantId}`,
        ]),
      ].map((path) => mine.call(path)),
    );

    for (const { body } of answers) {
      const text = JSON.stringify(body);
      assert.ok(!text.includes('secret/model') && !text.includes(secret.keyId), text);
    }
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 404, 200, 404, 404, 404, 404, 404, 404],
    );
    assert.equal(answers[3]?.body['calls'], 0);
  });

  it('is open to the operator, one by one or all together', async () => {
    const { tenantId } = await customer();
    await ship(event(tenantId));

    const one = await operator(`/cloud/v1/usage?tenantId=${tenantId}`);
    const all = await operator('/cloud/v1/usage?tenantId=all');

    assert.equal((one.body['total'] as { calls: number }).calls, 1);
    assert.ok((all.body['total'] as { calls: number }).calls > 1);
  });

  it('is hidden from a key of another project, inside one tenant too', async () => {
    const { tenantId } = await customer();
    await ship(event(tenantId, { projectId: 'prj_1' }), event(tenantId, { projectId: 'prj_2' }));
    const key = callAs(
      { ...ownerOf(tenantId), userId: null, keyId: 'key_1', projectId: 'prj_1' },
      routes,
    );

    const { body } = await key('/cloud/v1/usage/events');

    assert.deepEqual(
      body.data?.map(({ projectId }) => projectId),
      ['prj_1'],
    );
  });
});

describe('the overview', () => {
  it('has 24 hours that end now, and one developer per key that called', async () => {
    const { tenantId, call } = await customer();
    await ship(
      event(tenantId),
      event(tenantId, { keyId: 'key_2', settledAtMs: clock.nowMs() - 3 * HOUR_MS }),
      event(tenantId, { keyId: 'key_3', settledAtMs: clock.nowMs() - 40 * DAY_MS }),
    );

    const { body } = await call('/cloud/v1/overview');

    const hours = body['hours'] as {
      start: string;
      calls: number;
      tokens: number;
      amount: string;
    }[];
    assert.deepEqual([hours.length, hours.at(-1)?.start], [24, '2027-01-15T12:00:00.000Z']);
    assert.deepEqual(hours.at(-4), {
      start: '2027-01-15T09:00:00.000Z',
      calls: 1,
      tokens: 30,
      amount: ONE_EVENT,
    });
    assert.deepEqual(
      [body['calls'], body['tokens'], body['revenue'], body['developers'], body['models']],
      [3, 90, '0.00015', 2, 1],
    );
  });
});

describe('verify', () => {
  it('finds nothing where nothing is wrong', async () => {
    const { findings, events, quarantined } = await metering.verify();

    assert.deepEqual(findings, []);
    assert.equal(quarantined, 0);
    assert.ok(events > 10);
  });

  it('finds an amount that was changed, a lost event and a lease that says too much', async () => {
    const { tenantId } = await customer();
    const [changed, lost] = [event(tenantId), event(tenantId)];
    await ship(changed);
    await ship(lost);
    await ledger.credit({
      tenantId,
      currency: 'CNY',
      amountPico: 10n ** 12n,
      idempotencyKey: 'x',
      note: '',
    });
    await ledger.leases.open({ gatewayId: 'g', tenantId, currency: 'CNY', amountPico: 100n });
    await sql`update usage_events set amount_pico = 1
      where request_id = ${changed.requestId}`.execute(database);
    await sql`delete from usage_events where request_id = ${lost.requestId}`.execute(database);
    await sql`update leases set settled_pico = 7 where tenant_id = ${tenantId}`.execute(database);

    const { findings } = await metering.verify();

    assert.deepEqual(
      findings.map(({ law }) => law),
      [
        'an event costs what its usage and its price say',
        'what was rated is what was posted',
        'a usage entry has events',
        'a lease settled what its events cost',
        'the sums of an hour are those of its calls',
        'the lines of a bill sum to its calls',
        'the sources of a bill sum to its calls',
      ],
    );
    assert.ok(findings[0]?.subject.includes(changed.requestId));
  });
});
