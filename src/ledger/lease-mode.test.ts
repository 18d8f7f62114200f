import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertTenant, ownerOf } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { holdWorst, slackSize } from './lease.ts';
import { createLedger } from './ledger.ts';
import { createLedgerRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const ledger = createLedger({ database, clock: createManualClock(), log: silentLog });

async function relaxedWith(amountPico: bigint): Promise<string> {
  const tenantId = await insertTenant(database);
  await ledger.credit({ tenantId, currency: 'CNY', amountPico, idempotencyKey: 'all', note: '' });
  await ledger.leases.setMode({ tenantId, mode: 'relaxed' });
  return tenantId;
}

const ask = (tenantId: string, amountPico: bigint, worstPico: bigint) =>
  ledger.leases.open({
    gatewayId: 'gtw_1',
    tenantId,
    currency: 'CNY',
    amountPico,
    minimumPico: 1n,
    worstPico,
  });

describe('relaxed leases', () => {
  it('share the slack of one lease, so that a tenant overspends by one at most', async () => {
    const tenantId = await relaxedWith(100n);

    const grants = [];
    for (let each = 0; each < 6; each += 1) grants.push(await ask(tenantId, 20n, 0n));

    const leases = grants.flatMap(({ lease }) => lease ?? []);
    const slack = leases.reduce((sum, { slackPico }) => sum + slackPico, 0n);
    const largest = leases.reduce(
      (most, { amountPico }) => (amountPico > most ? amountPico : most),
      0n,
    );
    assert.ok(leases.length >= 4);
    assert.equal(slack, largest);
  });

  it('hold a worst case with slack as far as there is some', async () => {
    const tenantId = await relaxedWith(100n);

    const { lease, mode } = await ask(tenantId, 20n, 150n);
    assert.equal(mode, 'relaxed');
    assert.deepEqual([lease?.amountPico, lease?.slackPico], [100n, 100n]);
    assert.equal((await ask(await relaxedWith(10n), 5n, 21n)).lease, null);
  });

  it('are sized so that amount and slack hold what they must', () => {
    const pico = fc.bigInt(0n, 10n ** 15n);
    fc.assert(
      fc.property(pico, pico, pico, pico, (amount, worstPico, availablePico, lentPico) => {
        const size = amount < availablePico ? amount : availablePico;
        const slackOf = (amountPico: bigint) =>
          slackSize({ mode: 'relaxed', amountPico, lentPico });
        const sized = holdWorst({ size, worstPico, availablePico, slackOf });
        if (sized === null) return;
        assert.ok(sized.size >= size && sized.size <= availablePico);
        assert.ok(sized.size + sized.slackPico >= worstPico);
        assert.ok(sized.slackPico + lentPico <= (sized.size > lentPico ? sized.size : lentPico));
      }),
    );
  });

  it('are only given to whom they are for', async () => {
    const tenantId = await insertTenant(database);
    const operator = callAs(
      ownerOf(await insertTenant(database, 'operator'), 'operator'),
      createLedgerRoutes(ledger),
    );
    const path = '/cloud/v1/ledger/lease-mode';

    assert.equal((await operator(`${path}?tenantId=${tenantId}`)).body['mode'], 'strict');
    await ledger.leases.setMode({ tenantId, mode: 'relaxed' });
    assert.deepEqual((await operator(`${path}?tenantId=${tenantId}`)).body, {
      tenantId,
      mode: 'relaxed',
      isOwn: true,
    });
    assert.deepEqual((await operator(`${path}?tenantId=all`)).body, {
      tenantId: null,
      mode: 'strict',
      isOwn: true,
    });
    const own = callAs(ownerOf(tenantId), createLedgerRoutes(ledger));
    assert.equal((await own(path)).body['mode'], 'relaxed');
    assert.equal((await own(`${path}?tenantId=all`)).status, 404);
    await assert.rejects(ledger.leases.setMode({ tenantId: 'ten_nobody', mode: 'strict' }), {
      code: 'ledger.tenant_unknown',
    });
    await ledger.leases.setMode({ tenantId, mode: null });
    assert.equal((await ledger.leases.mode(tenantId)).mode, 'strict');
  });
});
