import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createTestDatabase } from '../../test/database.ts';
import { insertTenant } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { LEASE_GRACE_MS, LEASE_TTL_MS, leaseSize } from './lease.ts';
import { createLedger } from './ledger.ts';
import { formatAmount, parseAmount, sum } from './money.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const ledger = createLedger({ database, clock, log: silentLog });

async function tenantWith(amountPico: bigint): Promise<string> {
  const tenantId = await insertTenant(database);
  await ledger.credit({ tenantId, currency: 'CNY', amountPico, idempotencyKey: 'all', note: '' });
  return tenantId;
}

const ask = (tenantId: string, amountPico: bigint, minimumPico?: bigint) =>
  ledger.leases.open({
    gatewayId: 'gtw_1',
    tenantId,
    currency: 'CNY',
    amountPico,
    ...(minimumPico === undefined ? {} : { minimumPico }),
  });

describe('the size of a lease', () => {
  it('is never more than there is, never less than the minimum, and shrinks with the balance', () => {
    const amount = fc.bigInt(0n, 10n ** 20n);
    fc.assert(
      fc.property(amount, amount, amount, (wantedPico, minimumPico, availablePico) => {
        const size = leaseSize({ wantedPico, minimumPico, availablePico });
        if (size === null) {
          assert.ok(availablePico === 0n || minimumPico > availablePico);
          return;
        }
        assert.ok(size > 0n && size <= availablePico && size >= minimumPico);
        assert.ok(size <= wantedPico || size === minimumPico || size === 1n);
      }),
    );
    assert.equal(leaseSize({ wantedPico: 100n, minimumPico: 1n, availablePico: 1000n }), 100n);
    assert.equal(leaseSize({ wantedPico: 100n, minimumPico: 1n, availablePico: 40n }), 10n);
  });
});

describe('open leases', () => {
  it('never exceed the balance when fifty gateways ask at once', async () => {
    const tenantId = await tenantWith(100n);

    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(tenantId, 7n)));

    const granted = answers.flatMap(({ lease }) => (lease === null ? [] : [lease.amountPico]));
    assert.equal(sum(granted), 100n);
    assert.deepEqual(await ledger.balance(tenantId), {
      tenantId,
      currency: 'CNY',
      balance: formatAmount(100n),
      held: formatAmount(100n),
      available: '0',
    });
    assert.equal((await ask(tenantId, 1n)).lease, null);
  });

  it('never exceed the balance under any order of opening, spending and closing', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('open' as const),
        amount: fc.bigInt(1n, 60n),
        least: fc.bigInt(0n, 20n),
      }),
      fc.record({ do: fc.constant('spend' as const), pick: fc.nat(), amount: fc.bigInt(1n, 30n) }),
      fc.record({
        do: fc.constant('close' as const),
        pick: fc.nat(),
        unshipped: fc.bigInt(0n, 9n),
      }),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        run += 1;
        const tenantId = await tenantWith(100n);
        const open: { id: string; left: bigint; spent: bigint }[] = [];
        for (const [index, action] of steps.entries()) {
          if (action.do === 'open') {
            const { lease } = await ask(tenantId, action.amount, action.least);
            if (lease !== null) open.push({ id: lease.id, left: lease.amountPico, spent: 0n });
            continue;
          }
          const lease = open[action.pick % Math.max(1, open.length)];
          if (lease === undefined) continue;
          if (action.do === 'spend') {
            const amount = action.amount < lease.left ? action.amount : lease.left;
            if (amount === 0n) continue;
            await spend(tenantId, { leaseId: lease.id, amount, key: `${run}/${index}` });
            lease.left -= amount;
            lease.spent += amount;
          } else {
            const spentPico = lease.spent + (action.unshipped < lease.left ? action.unshipped : 0n);
            await ledger.leases.close({ id: lease.id, spentPico });
            open.splice(open.indexOf(lease), 1);
          }
          const { available } = await ledger.balance(tenantId);
          assert.ok(parseAmount(available) >= 0n, `available is ${available}`);
        }
      }),
      { numRuns: 12 },
    );
    assert.deepEqual(await ledger.verify(), []);
  });

  it('belong to one tenant: spending reported by another leaves them alone', async () => {
    const [mine, theirs] = [await tenantWith(50n), await tenantWith(50n)];
    const { lease } = await ask(mine, 20n);
    assert.ok(lease);

    await spend(theirs, { leaseId: lease.id, amount: 5n, key: `foreign/${mine}` });

    assert.equal((await ledger.balance(mine)).held, formatAmount(20n));
    assert.equal((await ledger.balance(theirs)).balance, formatAmount(45n));
  });

  it('have no limit for the operator, who pays nobody', async () => {
    const operator = await insertTenant(database, 'operator');

    const { lease } = await ask(operator, 10n ** 15n);

    assert.equal(lease?.amountPico, 10n ** 15n);
  });

  it('are refused to an unknown tenant', async () => {
    await assert.rejects(ask('ten_nobody', 1n), { code: 'ledger.tenant_unknown' });
  });
});

describe('the end of a lease', () => {
  it('gives back what was not spent and keeps what is still on its way', async () => {
    const tenantId = await tenantWith(100n);
    const { lease } = await ask(tenantId, 80n);
    assert.ok(lease);
    await spend(tenantId, { leaseId: lease.id, amount: 10n, key: `end/${tenantId}` });

    const closed = await ledger.leases.close({ id: lease.id, spentPico: 30n });

    assert.equal(closed.state, 'open');
    assert.equal((await ledger.balance(tenantId)).held, formatAmount(20n));
    await spend(tenantId, { leaseId: lease.id, amount: 20n, key: `late/${tenantId}` });
    await ledger.leases.sweep();
    assert.equal((await ledger.leases.close({ id: lease.id })).state, 'released');
    assert.equal((await ledger.balance(tenantId)).held, '0');
  });

  it('comes by itself after expiry and grace, once', async () => {
    const tenantId = await tenantWith(100n);
    const { lease } = await ask(tenantId, 80n);
    assert.ok(lease);

    clock.advance(LEASE_TTL_MS + LEASE_GRACE_MS);
    await ledger.leases.sweep();
    assert.equal((await ledger.balance(tenantId)).held, formatAmount(80n));
    clock.advance(1);
    assert.ok((await ledger.leases.sweep()) >= 1);

    assert.equal((await ledger.balance(tenantId)).held, '0');
    assert.equal((await ledger.leases.close({ id: lease.id })).state, 'expired');
    assert.equal(await ledger.leases.sweep(), 0);
  });

  it('is refused for a lease nobody opened', async () => {
    await assert.rejects(ledger.leases.close({ id: 'lse_none' }), { code: 'ledger.lease_unknown' });
  });
});

async function spend(
  tenantId: string,
  request: Readonly<{ leaseId: string; amount: bigint; key: string }>,
): Promise<void> {
  const { leaseId, amount, key } = request;
  await transaction(database, async (tx) => {
    await ledger.post(tx, {
      key: `spend/${tenantId}/${key}`,
      kind: 'usage',
      reference: {},
      effectiveAtMs: clock.nowMs(),
      postings: [
        {
          account: {
            id: `tenant/${tenantId}/credit/CNY`,
            tenantId,
            kind: 'credit',
            currency: 'CNY',
          },
          amountPico: -amount,
        },
        {
          account: { id: 'platform/revenue/CNY', tenantId: null, kind: 'revenue', currency: 'CNY' },
          amountPico: amount,
        },
      ],
    });
    await ledger.leases.settle(tx, [{ id: leaseId, tenantId, amountPico: amount }]);
  });
}
