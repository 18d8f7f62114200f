/** Many gateways at once: they lease, spend and ship in parallel, and every balance and window is exact. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { LEAST_PICO, OPERATOR, createBench, eventOf } from './credits-fixture.ts';

const { database } = await createTestDatabase();
const { clock, credits, ledger, topUp, charge } = createBench(database);

const MODELS = ['mdl_a/one', 'mdl_a/two'] as const;

/** One gateway: it leases for a model, makes calls until the lease is spent, and ships each by itself. */
async function runGateway(
  gatewayId: string,
  tenantId: string,
  modelId: (typeof MODELS)[number],
): Promise<bigint> {
  let spentPico = 0n;
  for (;;) {
    const { lease } = await ledger.leases.open({
      gatewayId,
      tenantId,
      currency: 'CNY',
      amountPico: 60n,
      minimumPico: 6n,
      scope: { projectId: 'prj', modelId },
    });
    if (lease === null) return spentPico;
    let restPico = lease.amountPico;
    // Calls cost more than the least, as calls do; each keeps to what its lease has.
    const unitPico = LEAST_PICO * 3n;
    while (restPico >= unitPico) {
      const most = restPico / unitPico;
      const tokens = Number(most < 4n ? most : 4n);
      const admittedAtMs = clock.nowMs();
      const call = { tenantId, tokens, unitPico, modelId, leaseId: lease.id, admittedAtMs };
      const event = eventOf(call);
      await charge([event]);
      restPico -= event.amountPico;
      spentPico += event.amountPico;
    }
    await ledger.leases.close({ id: lease.id, spentPico: lease.amountPico - restPico });
  }
}

describe('gateways that share a tenant', () => {
  it('spend all that it has and not a pico more, each source by its rules', async () => {
    const { id: planId } = await credits.plans.create(OPERATOR, null, {
      name: 'Shared',
      price: '0',
      unit: 'token',
      atEnd: 'overage',
      models: ['a/one'],
      windows: [
        { period: '5_hours', allowance: '70' },
        { period: 'month', allowance: '900' },
      ],
    });
    await credits.quotas.setRule(OPERATOR, null, { model: 'a/two', units: 40 });
    const tenantId = await insertTenant(database);
    await credits.quotas.give(tenantId);
    await credits.subscriptions.subscribe({ tenantId, planId, by: null });
    const grant = { tenantId, amount: '0.000000000200' };
    await credits.grants.give(OPERATOR, null, { ...grant, idempotencyKey: 'any' });
    const scoped = { ...grant, models: ['a/two'], idempotencyKey: 'scoped' };
    await credits.grants.give(OPERATOR, null, scoped);
    await topUp(tenantId, '0.000000000300');

    const spent = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        runGateway(`gtw_${index}`, tenantId, MODELS[index % 2] ?? MODELS[0]),
      ),
    );

    const total = spent.reduce((sum, each) => sum + each, 0n);
    assert.ok(total > 700n, `only ${total} pico were spent`);
    assert.deepEqual(await ledger.verify(), []);
    const { rows } = await sql<{ used: string; over: string }>`
      select used, over from subscription_windows where tenant_id = ${tenantId}`.execute(database);
    for (const { used, over } of rows) assert.deepEqual([Number(used) <= 70, over], [true, '0']);
    const summary = await credits.summary(tenantId);
    const left = summary.grants.reduce((sum, { remaining }) => sum + Number(remaining), 0);
    // What is left is less than the least that a call may lease, in each source.
    assert.ok(left < 100e-12, `${left} are left of grants`);
    const { available } = await ledger.balance(tenantId);
    assert.ok(Number(available) >= 0 && Number(available) < 6e-12, `${available} are left`);
  });
});
