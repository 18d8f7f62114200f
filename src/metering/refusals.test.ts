/** Refused requests beside measured ones: found by the same questions, seen by the same people, gone after a week. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertTenant, ownerOf } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { createMetering } from './metering.ts';
import type { RefusalRow } from './refusal-store.ts';
import { createRefusalRoutes } from './refusal-routes.ts';
import { createMeteringRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const clock = createManualClock(Date.UTC(2027, 0, 15, 12));
const metering = createMetering({
  database,
  ledger: createLedger({ database, clock, log: silentLog }),
  pricing: { byId: async () => new Map() },
  counts: async () => ({ models: 0, machines: 0, replicasReady: 0 }),
  clock,
  log: silentLog,
});
const routes = createMeteringRoutes({ metering, clock });
const internal = createRefusalRoutes(metering);

async function customer() {
  const tenantId = await insertTenant(database);
  const projectId = createId('prj');
  const keyId = createId('key');
  await sql`insert into projects (tenant_id, id, name) values (${tenantId}, ${projectId}, 'one')`.execute(
    database,
  );
  await sql`insert into keys (tenant_id, project_id, id, kind, name, hint, secret_sha256, role)
    values (${tenantId}, ${projectId}, ${keyId}, 'api', 'k', 'sk', sha256(${keyId}::bytea), 'developer')`.execute(
    database,
  );
  const refused = (changes: Partial<RefusalRow> = {}): RefusalRow => ({
    tenantId,
    projectId,
    keyId,
    requestId: createId('req', clock.nowMs()),
    modelName: 'no/such',
    status: 404,
    errorCode: 'model_not_found',
    repeats: 0,
    startedAtMs: clock.nowMs() - 3,
    endedAtMs: clock.nowMs(),
    ...changes,
  });
  return { tenantId, projectId, keyId, refused, call: callAs(ownerOf(tenantId), routes) };
}

async function send(...refusals: readonly RefusalRow[]): Promise<number> {
  const response = await internal.request('/internal/v1/refusals', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refusals }),
  });
  return response.status;
}

describe('refused requests', () => {
  it('stand among the measured, found by status, outcome, key, model and id', async () => {
    const { tenantId, keyId, refused, call } = await customer();
    const limited = refused({ status: 429, errorCode: 'rate_limit_exceeded', repeats: 989 });
    const unknown = refused({ endedAtMs: clock.nowMs() - 10 });
    const measured = settledOf(
      identityOf({ tenantId, priceId: null, admittedAtMs: clock.nowMs() }),
      { outcome: 'failed', status: 429 },
    );
    const shipment = { gatewayId: 'gtw_1', segment: 1, fromOffset: 0, toOffset: 1 };
    await metering.ingest({ ...shipment, settled: [measured] });
    assert.equal(await send(limited, unknown), 204);
    assert.equal(await send(limited, unknown), 204);
    const ids = async (query: string): Promise<readonly unknown[]> => {
      const { body } = await call(`/cloud/v1/usage/events?${query}`);
      return (body.data ?? []).map(({ requestId }) => requestId);
    };

    assert.deepEqual(await ids(''), [measured.requestId, limited.requestId, unknown.requestId]);
    assert.deepEqual(await ids('status=429'), [measured.requestId, limited.requestId]);
    assert.deepEqual(await ids('outcome=refused'), [limited.requestId, unknown.requestId]);
    assert.deepEqual(await ids('outcome=failed'), [measured.requestId]);
    assert.deepEqual(await ids(`keyId=${keyId}&status=4`), [limited.requestId, unknown.requestId]);
    assert.deepEqual(await ids('model=no/such&status=404'), [unknown.requestId]);
    assert.deepEqual(await ids('entryId=1'), []);
    const { body } = await call(`/cloud/v1/usage/events/${limited.requestId}`);
    assert.deepEqual(
      [body['outcome'], body['errorCode'], body['repeats'], body['amount'], body['durationMs']],
      ['refused', 'rate_limit_exceeded', 989, '0', 3],
    );
    const { body: report } = await call('/cloud/v1/usage');
    assert.equal((report['total'] as { calls: number }).calls, 1);
  });

  it('come in pages with the measured, each once', async () => {
    const { tenantId, refused, call } = await customer();
    await send(...Array.from({ length: 5 }, () => refused()));
    const settled = Array.from({ length: 4 }, () =>
      settledOf(identityOf({ tenantId, priceId: null, admittedAtMs: clock.nowMs() - 1_000 })),
    );
    const shipment = { gatewayId: 'gtw_2', segment: 1, fromOffset: 0, toOffset: 1 };
    await metering.ingest({ ...shipment, settled });
    const seen: unknown[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call(`/cloud/v1/usage/events?limit=2${cursor}`);
      seen.push(...(body.data ?? []).map(({ requestId }) => requestId));
      if (typeof body.nextCursor !== 'string') break;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }

    assert.deepEqual([seen.length, new Set(seen).size], [9, 9]);
  });

  it("are their own tenant's, a key's own project's, and of a key that there is", async () => {
    const [one, two] = [await customer(), await customer()];
    const secret = one.refused({ modelName: 'secret/model' });
    const foreign = { ...one.refused(), tenantId: two.tenantId };
    const nobody = one.refused({ keyId: 'key_nobody' });
    await send(secret, foreign, nobody);
    const otherProject = { ...ownerOf(one.tenantId), userId: null, keyId: 'k', projectId: 'prj' };

    const answers = await Promise.all(
      [two.call, callAs(otherProject, routes)].flatMap((call) => [
        call('/cloud/v1/usage/events'),
        call('/cloud/v1/usage/events?outcome=refused&status=404'),
        call(`/cloud/v1/usage/events/${secret.requestId}`),
      ]),
    );

    for (const { body } of answers) assert.ok(!JSON.stringify(body).includes('secret/model'));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 404, 200, 200, 404],
    );
    const { body } = await one.call('/cloud/v1/usage/events');
    assert.deepEqual(
      body.data?.map(({ requestId }) => requestId),
      [secret.requestId],
    );
  });

  it('are gone after a week, and the oldest of a tenant beyond its share', async () => {
    const { tenantId, refused, call } = await customer();
    await send(refused({ requestId: 'req_old', endedAtMs: clock.nowMs() - 8 * 86_400_000 }));
    await sql`insert into refused_requests (tenant_id, request_id, project_id, key_id, model_name,
        status, error_code, repeats, started_at, ended_at)
      select ${tenantId}, 'req_' || n, 'prj', 'key', '', 429, 'x', 0, now, now
      from generate_series(1, 20100) n,
        lateral (select ${new Date(clock.nowMs())}::timestamptz - n * interval '1 second' as now) t`.execute(
      database,
    );

    await metering.tidy();

    const { rows } = await sql<{ count: number; last: Date }>`
      select count(*) as count, min(ended_at) as last from refused_requests
      where tenant_id = ${tenantId}`.execute(database);
    assert.equal(rows[0]?.count, 20_000);
    assert.equal(rows[0]?.last.getTime(), clock.nowMs() - 20_000 * 1000);
    assert.equal((await call('/cloud/v1/usage/events/req_old')).status, 404);
  });

  it('are refused themselves where they are none', async () => {
    const { refused } = await customer();

    assert.equal(await send(refused({ status: 9 })), 400);
    assert.equal(await send(refused({ modelName: 'x'.repeat(201) })), 400);
    assert.equal(await send(...Array.from({ length: 1_001 }, () => refused())), 400);
  });
});
